import type { OutcomeCounts } from "../runs/outcome.ts";
import type { RequestCounts, Run, RunState } from "../runs/run.ts";
import { headline } from "./headline.ts";
import { countGroups } from "./outcome-groups.ts";

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
  requests: RequestCounts;
  started_at: string;
  finished_at: string | null;
  account_id: string;
  /** The run whose rows this one tried again. */
  retry_of: string | null;
  events: { at: string; what: string; by: string; detail: string | null }[];
}

export function summarise(run: Run): Summary {
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
