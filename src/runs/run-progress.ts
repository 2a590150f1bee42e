import type { BudgetView } from "../budget/budget-view.ts";
import { timeLeft } from "../budget/time-left.ts";
import { whoWorksOn } from "./attendance.ts";
import { totalOf } from "./outcome.ts";
import type { RunHome } from "./run-home.ts";
import type { Run } from "./run.ts";
import { isAtRest } from "./states.ts";
import { MINUTE_MS } from "./traffic.ts";

const SECOND = 1_000;

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
type Doing = (typeof DOINGS)[number];

/** What a run does now, and how far it is. */
export interface RunProgress {
  doing: Doing;
  /** Rows that have their outcome. */
  ended: number;
  /** Null where nothing is being sent, or the budget is not known. */
  secondsLeft: number | null;
  /** Of these the rows that wait for their next try. */
  retrying: number;
}

/** How far a run is, and what it does now. `look` answers the budget, null where it is not known. */
export async function progressOf(
  home: Pick<RunHome, "presence" | "leases" | "queue">,
  run: Run,
  look: () => Promise<BudgetView | null>,
): Promise<RunProgress> {
  const ended = totalOf(run.outcomes);
  if (isAtRest(run.state)) return { doing: "resting", ended, secondsLeft: null, retrying: 0 };
  if (run.state !== "running") {
    const doing = run.state === "planning" || run.state === "queueing" ? "preparing" : "stopping";
    return { doing, ended, secondsLeft: null, retrying: 0 };
  }
  const [budget, waits, who] = await Promise.all([look(), jobsOf(home, run), whoWorksOn(home, run)]);
  const doing = doingOf(who.length > 0, budget, waits);
  return {
    doing,
    ended,
    secondsLeft: doing === "nobody" || budget === null ? null : Math.ceil(timeLeft(requestsLeft(run), budget) / SECOND),
    retrying: waits.delayed,
  };
}

function doingOf(isWorkedOn: boolean, budget: BudgetView | null, waits: Waits): Doing {
  if (!isWorkedOn) return "nobody";
  if (budget !== null && budget.closedForMs > 0) return "throttled";
  return waits.delayed > 0 && waits.waiting + waits.active === 0 ? "retrying" : "sending";
}

interface Waits {
  waiting: number;
  active: number;
  delayed: number;
}

async function jobsOf(home: Pick<RunHome, "queue">, run: Run): Promise<Waits> {
  const queue = home.queue(run.id);
  try {
    const counts = await queue.getJobCounts("waiting", "active", "delayed");
    return { waiting: counts.waiting ?? 0, active: counts.active ?? 0, delayed: counts.delayed ?? 0 };
  } finally {
    await queue.close();
  }
}

/** Each row that is left takes a request, and as many more as rows took so far. */
export function requestsLeft(run: Run): number {
  const left = run.source.rows - totalOf(run.outcomes);
  const sent = run.outcomes.updated + run.outcomes.rejected_by_api + run.outcomes.failed;
  const requestsPerRow = sent < 20 ? 1 : 1 + run.requests.retries / sent;
  return Math.ceil(left * requestsPerRow);
}

/**
 * Requests a second that the run made lately: in this minute and the one before, and not before it last began to run. Null where
 * there were none, or it is too early to tell.
 */
export async function paceOf({ traffic }: Pick<RunHome, "traffic">, run: Run, now: number): Promise<number | null> {
  const lastMinute = Math.floor(now / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
  const beganAt = run.events.findLast(({ what }) => what === "running")?.at ?? run.createdAt;
  const overMs = now - Math.max(lastMinute, beganAt);
  if (overMs < SECOND) return null;
  const counts = await traffic.since({ runId: run.id }, lastMinute);
  const requests = counts.reduce((sum, count) => sum + count.requests, 0);
  return requests === 0 ? null : (requests * SECOND) / overMs;
}
