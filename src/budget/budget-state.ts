/**
 * The shared part of the request budget (generic cell rate algorithm), one record for each `key`.
 * The clock is the datastore's, so machines need not agree on the time.
 */
export interface BudgetState {
  /**
   * Reserves the next `count` evenly spaced slots: the first starts at max(now, last reserved slot + interval, closed until).
   * The interval is `intervalMs`, or the slower one set by `slow` while that holds. Fractions of a millisecond are kept.
   */
  reserve(key: string, count: number, intervalMs: number): Promise<Reservation>;
  /** Lets nobody start before `forMs` from now (never earlier than an existing closure), drops what was reserved beyond, and raises the epoch. */
  close(key: string, forMs: number): Promise<void>;
  /** Spaces slots at least `intervalMs` apart for the next `forMs`; replaces an earlier call. `intervalMs` 0 lifts it. */
  slow(key: string, intervalMs: number, forMs: number): Promise<void>;
  /** What is in force now. */
  look(key: string): Promise<BudgetLook>;
}

export interface Reservation {
  /** From now to the first slot, milliseconds, ≥ 0. */
  waitMs: number;
  /** Between the slots of this reservation. */
  intervalMs: number;
  /** Raised by `close`: a slot of an older epoch is void. */
  epoch: number;
  /** Slots given out under this key so far, these included. */
  granted: number;
}

export interface BudgetLook {
  epoch: number;
  granted: number;
  /** From now until it opens; 0 when open. */
  closedForMs: number;
  /** In force now; 0: none. */
  slowIntervalMs: number;
}
