import { somebodyWorksOn } from "../../runs/attendance.ts";
import { totalOf } from "../../runs/outcome.ts";
import type { Run } from "../../runs/run.ts";
import { isAtRest } from "../../runs/states.ts";
import { timeFor } from "../../budget/budget-view.ts";
import type { Desk } from "../desk.ts";
import { type BudgetFact, lookAtBudget } from "./budget.ts";

/** What an unfinished run does at this moment, whatever its state is called. */
export const DOINGS = [
  /** Entries are being updated. */
  "sending",
  /** Its rows are being recorded or queued. */
  "preparing",
  /** Nobody may send until the budget opens. */
  "throttled",
  /** Every row that is left waits for its next try. */
  "retrying",
  /** No process is there to work on it. */
  "nobody",
  /** Asked to pause or to end; what is in flight ends first. */
  "stopping",
  /** Waits for somebody, or is over. */
  "resting",
] as const;
export type Doing = (typeof DOINGS)[number];

export interface RunProgress {
  doing: Doing;
  /** Rows that have their outcome. */
  ended: number;
  /** Null where nothing is being sent. */
  secondsLeft: number | null;
  /** Of these the rows that wait for their next try. */
  retrying: number;
}

/** How far a run is, and what it does now. */
export async function progressOf(desk: Desk, run: Run): Promise<RunProgress> {
  const ended = totalOf(run.outcomes);
  if (isAtRest(run.state)) return { doing: "resting", ended, secondsLeft: null, retrying: 0 };
  if (run.state !== "running") {
    const doing = run.state === "planning" || run.state === "queueing" ? "preparing" : "stopping";
    return { doing, ended, secondsLeft: null, retrying: 0 };
  }
  const [budget, waits, isWorkedOn] = await Promise.all([
    lookAtBudget(desk),
    jobsOf(desk, run),
    somebodyWorksOn(desk.backend, run),
  ]);
  const doing = doingOf(isWorkedOn, budget, waits);
  return {
    doing,
    ended,
    secondsLeft: doing === "nobody" ? null : Math.ceil(timeFor(requestsLeft(run), budget.view).ms / 1_000),
    retrying: waits.delayed,
  };
}

function doingOf(isWorkedOn: boolean, budget: BudgetFact, waits: Waits): Doing {
  if (!isWorkedOn) return "nobody";
  if (budget.closedUntil !== null) return "throttled";
  return waits.delayed > 0 && waits.waiting + waits.active === 0 ? "retrying" : "sending";
}

interface Waits {
  waiting: number;
  active: number;
  delayed: number;
}

async function jobsOf({ backend }: Desk, run: Run): Promise<Waits> {
  const queue = backend.queue(run.id);
  try {
    const counts = await queue.getJobCounts("waiting", "active", "delayed");
    return { waiting: counts.waiting ?? 0, active: counts.active ?? 0, delayed: counts.delayed ?? 0 };
  } finally {
    await queue.close();
  }
}

/** Each row that is left takes a request, and as many more as rows took so far. */
function requestsLeft(run: Run): number {
  const left = run.source.rows - totalOf(run.outcomes);
  const sent = run.outcomes.updated + run.outcomes.rejected_by_api + run.outcomes.failed;
  const requestsPerRow = sent < 20 ? 1 : 1 + run.requests.retries / sent;
  return Math.ceil(left * requestsPerRow);
}
