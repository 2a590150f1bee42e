/** Named leases: at most one owner at a time, until it lets go or its time runs out. Every operation is atomic. */
export interface Leases {
  /** Takes or renews a named lease for `ttlMs`. False while somebody else holds it. */
  take(name: string, owner: string, ttlMs: number): Promise<boolean>;
  release(name: string, owner: string): Promise<void>;
  /** Owner of a lease that has not run out, else null. */
  owner(name: string): Promise<string | null>;
}
