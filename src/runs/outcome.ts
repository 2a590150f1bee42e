/** How a row can end. The order is the one in which outcomes are shown. */
export const OUTCOMES = [
  "updated",
  "unchanged",
  "rejected_directory_synced",
  "rejected_invalid",
  "rejected_duplicate",
  "rejected_not_found",
  "rejected_ambiguous",
  "rejected_conflict",
  "rejected_by_api",
  "failed",
  "cancelled",
] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type OutcomeCounts = Record<Outcome, number>;

/** How one row ended. */
export interface RowResult {
  outcome: Outcome;
  /** One sentence for a person; null where the outcome says it all. */
  message: string | null;
  httpStatus: number | null;
  apiCode: number | null;
  /** Requests made for this row. */
  attempts: number;
  /** Epoch milliseconds. */
  finishedAt: number;
  rayId: string | null;
  /** Of the account's audit log, where the answer named its record there. */
  auditLogId?: string | null;
  /** Of an updated entry: its `modified_at` after the change, epoch milliseconds; left out where the API showed none. */
  modifiedAt?: number;
}

/** None of each outcome. */
export function noOutcomes(): OutcomeCounts {
  return Object.fromEntries(OUTCOMES.map((o) => [o, 0])) as OutcomeCounts;
}

/** Rows that have an outcome. */
export function totalOf(counts: OutcomeCounts): number {
  return OUTCOMES.reduce((sum, o) => sum + counts[o], 0);
}

/** Some row was rejected, failed or not tried. */
export function hasRejects(outcomes: OutcomeCounts): boolean {
  return totalOf(outcomes) > outcomes.updated + outcomes.unchanged;
}

/** The outcome in words, as a heading or a table shows it. */
export const OUTCOME_LABELS: Record<Outcome, string> = {
  updated: "Updated",
  unchanged: "Unchanged",
  rejected_directory_synced: "Synced from a directory",
  rejected_invalid: "Invalid cell",
  rejected_duplicate: "Rows contradict each other",
  rejected_not_found: "No such entry",
  rejected_ambiguous: "Fits several entries",
  rejected_conflict: "Changed by somebody else",
  rejected_by_api: "Refused by Cloudflare",
  failed: "Failed",
  cancelled: "Not tried",
};
