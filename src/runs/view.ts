import type { OutcomeCounts } from "./outcome.ts";
import type { RequestCounts, Run, RunState } from "./run.ts";

/** A run as scripts see it: the JSON of `run`, `resume`, `status`, `pause`, `cancel` and `runs`. */
export interface RunView {
  id: string;
  name: string;
  state: RunState;
  reason: string | null;
  rows: number;
  outcomes: OutcomeCounts;
  requests: RequestCounts;
  created_at: string;
  finished_at: string | null;
  report_dir: string | null;
}

export function viewOf(run: Run): RunView {
  return {
    id: run.id,
    name: run.name,
    state: run.state,
    reason: run.reason,
    rows: run.source.rows,
    outcomes: run.outcomes,
    requests: run.requests,
    created_at: new Date(run.createdAt).toISOString(),
    finished_at: run.finishedAt === null ? null : new Date(run.finishedAt).toISOString(),
    report_dir: run.reportDir,
  };
}
