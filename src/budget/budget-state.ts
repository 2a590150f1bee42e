import type { BudgetAnswer, BudgetAsk, ClosedReason } from "./exchange.ts";
import type { BudgetRecord } from "./ledger.ts";

/**
 * The shared part of the request budget, one record for each `key`: what every process asks and says in one atomic step. The
 * arithmetic is in ledger.ts, and each datastore does the same. The clock is the datastore's, so machines need not agree on
 * the time; from a process come durations only.
 */
export interface BudgetState {
  /** Tells what became of earlier permits, and takes as many of the wanted ones as there are now. */
  exchange(key: string, ask: BudgetAsk): Promise<BudgetAnswer>;
  /**
   * Gives no permit before `forMs` from now (never sooner than an existing closure says). After `throttled`,
   * one request looks first whether it is over, and for an hour permits are evenly spaced.
   */
  close(key: string, forMs: number, reason: ClosedReason): Promise<void>;
  /** The record as it is, and its time now; null where nobody asked yet. */
  look(key: string): Promise<{ record: BudgetRecord; now: number } | null>;
}
