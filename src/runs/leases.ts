/**
 * Named leases: at most one owner at a time, until it lets go or its time runs out. Each change of owner has a token greater
 * than all before, so that a write can be refused that comes from an owner who was frozen and does not know that it lost
 * its lease. Every operation is atomic.
 */
export interface Leases {
  /**
   * Takes or renews a lease for `ttlMs` and answers its token: the same as before where nobody else had it in between. Null
   * while somebody else holds it.
   */
  take(name: string, owner: string, ttlMs: number): Promise<number | null>;
  release(name: string, owner: string): Promise<void>;
  /** Owner of a lease that has not run out, else null. */
  owner(name: string): Promise<string | null>;
}

/** Makes a write depend on a lease: it throws LeaseLostError, and changes nothing, once the lease has a newer token or was let go. */
export interface Fence {
  lease: string;
  token: number;
}

/** The lease went to somebody else, who does the work now: whoever sees this changes nothing more. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
  readonly lease: string;
  constructor({ lease }: Fence) {
    super(`the lease ${lease} was lost to another process`);
    this.lease = lease;
  }
}
