import type { Outcome, OutcomeCounts } from "../runs/outcome.ts";
import type { RequestCounts, Run, RunState } from "../runs/run.ts";
import { headline } from "./headline.ts";
import { countGroups } from "./outcome-groups.ts";
import type { RowStatistics } from "./row-statistics.ts";

/** The document of `summary.json`. Times are ISO 8601 in UTC. */
export interface Summary {
  run: string;
  name: string;
  state: RunState;
  reason: string | null;
  headline: string;
  source: { name: string; sha256: string; rows: number };
  outcomes: OutcomeCounts;
  /** Rows that have no outcome (yet): with `outcomes` they add up to the rows. */
  without_outcome: number;
  /** Why rows were rejected or failed, in the order of the outcomes, the most frequent first: with those of directories they add up to such rows. */
  causes: SummaryCause[];
  /** Directories that entries are synced from, which keeps them from being updated. */
  directories: { provenance: string | null; rows: number }[];
  requests: RequestCounts;
  started_at: string;
  finished_at: string | null;
  account_id: string;
  /** The run whose rows this one tried again. */
  retry_of: string | null;
  events: { at: string; what: string; by: string; detail: string | null }[];
}

/** Rows that ended badly for the same reason. */
export interface SummaryCause {
  outcome: Outcome;
  http_status: number | null;
  api_code: number | null;
  /** What the rows have in common; null where that is the outcome alone. */
  message: string | null;
  rows: number;
  /** Numbers of the first fifty. */
  first_rows: number[];
}

/** `statistics`: of all the run's rows as they were read; the numbers are its. */
export function summarise(read: Run, statistics: RowStatistics): Summary {
  // The rows as they were read, not as the run counted them a moment before or after: the files agree with each other.
  const run: Run = { ...read, rows: statistics.rows, outcomes: statistics.outcomes };
  const { name, sha256, rows } = run.source;
  return {
    run: run.id,
    name: run.name,
    state: run.state,
    reason: run.reason,
    headline: headline(run),
    source: { name, sha256, rows },
    outcomes: { ...run.outcomes },
    without_outcome: countGroups(run).open,
    causes: statistics.causes.map((cause) => ({
      outcome: cause.outcome,
      http_status: cause.httpStatus,
      api_code: cause.apiCode,
      message: cause.message,
      rows: cause.rows,
      first_rows: cause.shown.map(({ row }) => row),
    })),
    directories: statistics.directories.map(({ provenance, rows: count }) => ({ provenance, rows: count })),
    requests: { ...run.requests },
    started_at: isoTime(run.createdAt),
    finished_at: run.finishedAt === null ? null : isoTime(run.finishedAt),
    account_id: run.accountId,
    retry_of: run.retryOf,
    events: run.events.map(({ at, what, by, detail }) => ({ at: isoTime(at), what, by, detail })),
  };
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
