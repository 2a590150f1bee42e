import { type Outcome, type OutcomeCounts, OUTCOMES, totalOf } from "../runs/outcome.ts";

/** What a person does about a row, whatever its outcome is called. The order is the one in which groups are shown. */
export const GROUPS = ["in_place", "in_directory", "to_fix", "to_retry", "not_tried", "open"] as const;
export type Group = (typeof GROUPS)[number];

/** What the outcome means, in a few words. */
export const OUTCOME_MEANINGS: Record<Outcome, string> = {
  updated: "the entry now has the row's values",
  unchanged: "the entry had the row's values before; nothing was sent",
  rejected_directory_synced: "must be changed in its directory",
  rejected_invalid: "a cell of the row can't be used",
  rejected_duplicate: "several rows ask different things of one entry",
  rejected_not_found: "the registry has no such entry",
  rejected_ambiguous: "several entries have the row's address",
  rejected_conflict: "the entry was changed since the row was made",
  rejected_by_api: "for the reason that its message gives",
  failed: "Cloudflare could not answer, however often it was tried",
  cancelled: "the run was cancelled first",
};

const GROUP_OF: Record<Outcome, Group> = {
  updated: "in_place",
  unchanged: "in_place",
  rejected_directory_synced: "in_directory",
  rejected_invalid: "to_fix",
  rejected_duplicate: "to_fix",
  rejected_not_found: "to_fix",
  rejected_ambiguous: "to_fix",
  rejected_conflict: "to_fix",
  rejected_by_api: "to_fix",
  failed: "to_retry",
  cancelled: "not_tried",
};

/** The group of an outcome; `open` for a row that has none. */
export function groupOf(outcome: Outcome | null): Group {
  return outcome === null ? "open" : GROUP_OF[outcome];
}

/** What is needed of a run to count its rows. */
export interface Counted {
  rows: number;
  source: { rows: number };
  outcomes: OutcomeCounts;
}

/** Rows that the run has to answer for: those of the source, or those recorded where they are more (while the source is still being read). */
export function rowsOf(run: Counted): number {
  return Math.max(run.rows, run.source.rows);
}

/** Rows in each group; they add up to `rowsOf(run)`. */
export function countGroups(run: Counted): Record<Group, number> {
  const counts = Object.fromEntries(GROUPS.map((group) => [group, 0])) as Record<Group, number>;
  for (const outcome of OUTCOMES) counts[groupOf(outcome)] += run.outcomes[outcome];
  counts.open = Math.max(0, rowsOf(run) - totalOf(run.outcomes));
  return counts;
}
