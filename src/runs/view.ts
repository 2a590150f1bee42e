import type { OutcomeCounts } from "./outcome.ts";
import type { RequestCounts, Run, RunState } from "./run.ts";
import type { RunProgress } from "./run-progress.ts";

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

/** A run as JSON documents show it: snake_case, times in ISO 8601. */
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

/** How far a run is, as `status` and the HTTP API give it. */
export interface ProgressView {
  doing: RunProgress["doing"];
  ended: number;
  seconds_left: number | null;
  retrying: number;
}

/** Progress as JSON documents show it. */
export function viewProgress({ doing, ended, secondsLeft, retrying }: RunProgress): ProgressView {
  return { doing, ended, seconds_left: secondsLeft, retrying };
}

/** Who did what to a run, or what happened to it. */
export interface EventView {
  at: string;
  what: string;
  by: string;
  detail: string | null;
}

/** The oldest first. */
export function viewEvents({ events }: Pick<Run, "events">): EventView[] {
  return events.map(({ at, what, by, detail }) => ({ at: new Date(at).toISOString(), what, by, detail }));
}
