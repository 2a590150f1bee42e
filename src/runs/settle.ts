import type { RunHome } from "./run-home.ts";
import { somebodyWorksOn } from "./attendance.ts";
import { cancelRest } from "./cancel-rest.ts";
import { isCanaryOver } from "./canary.ts";
import { enqueueOutstanding } from "./enqueue.ts";
import { judgeCanary } from "./judge-canary.ts";
import { moveRun, reasonOf } from "./move-run.ts";
import { totalOf } from "./outcome.ts";
import { hasProducer } from "./producer-lease.ts";
import { countJobs, jobsInHand, removeQueue } from "./run-queue.ts";
import type { Run, RunState } from "./run.ts";

/*
 * What was asked for becomes true here: `pausing` becomes `paused` once nothing is in flight, `cancelling` becomes `cancelled`
 * once every row that was not tried is recorded so, `running` becomes `finished` once every row has its outcome, and a run
 * whose producer is gone becomes `interrupted`. Any process may do it at any time, several at once: each step is safe to repeat.
 */

interface Settling {
  backend: RunHome;
  run: Run;
  by: string;
  now: () => number;
}

/** What its state lets become true; null where nothing happens by itself. Answers the run as it is then. */
const STEPS: Record<RunState, ((settling: Settling) => Promise<Run | null>) | null> = {
  planning: interruptWithoutProducer,
  queueing: interruptWithoutProducer,
  running: finishOrJudgeCanary,
  pausing: restWhenQuiet,
  paused: finishWhenComplete,
  cancelling: cancelWhenQuiet,
  halted: null,
  interrupted: null,
  cancelled: null,
  finished: null,
};

/** Brings a run to the state that its facts allow, and answers the run as it is then; null when there is none. */
export async function settle(
  backend: RunHome,
  runId: string,
  by: string,
  now: () => number = Date.now,
): Promise<Run | null> {
  const run = await backend.runs.get(runId);
  if (!run) return null;
  const step = STEPS[run.state];
  return step === null ? run : await step({ backend, run, by, now });
}

/** Every row has its outcome. */
function isComplete(run: Run): boolean {
  return run.rows === run.source.rows && totalOf(run.outcomes) === run.rows;
}

/** Any process can do the rest: every row is recorded, and nobody asked for the interruption. */
export function canBeCompletedByAnybody(run: Run): boolean {
  return run.state === "interrupted" && reasonOf(run)?.code === "producer_gone" && run.rows === run.source.rows;
}

/**
 * Adds the jobs of rows without an outcome again where the queue holds none of them any more, as after a loss in the datastore.
 * Answers how many jobs the queue holds.
 */
export async function refillEmptyQueue(backend: RunHome, run: Run): Promise<number> {
  const jobs = await countJobs(backend, run.id);
  if (jobs === 0) await enqueueOutstanding(backend, run);
  return jobs;
}

/** A process that is alive has rows of the run in hand. What a dead one had is picked up when the run goes on. */
async function isInFlight(backend: RunHome, run: Run): Promise<boolean> {
  return (await jobsInHand(backend, run.id)) > 0 && (await somebodyWorksOn(backend, run));
}

async function finishOrJudgeCanary({ backend, run, by, now }: Settling): Promise<Run | null> {
  if (isComplete(run)) return await finishWhenComplete({ backend, run, by, now });
  return isCanaryOver(run) ? run : await judgeCanary(backend, run, by, now);
}

async function finishWhenComplete({ backend, run, by, now }: Settling): Promise<Run | null> {
  if (!isComplete(run)) return run;
  const moved = await moveRun(backend.runs, run.id, "finished", { by, now });
  if (moved) await removeQueue(backend, run.id);
  return moved ?? (await backend.runs.get(run.id));
}

async function interruptWithoutProducer({ backend, run, by, now }: Settling): Promise<Run | null> {
  if (await hasProducer(backend.leases, run.id)) return run;
  const reason = { code: "producer_gone", message: "the process that was queueing it is gone" } as const;
  const moved = await moveRun(backend.runs, run.id, "interrupted", { by, now, reason });
  return moved ?? (await backend.runs.get(run.id));
}

async function restWhenQuiet({ backend, run, by, now }: Settling): Promise<Run | null> {
  if (await isInFlight(backend, run)) return run;
  const moved = await moveRun(backend.runs, run.id, "paused", { by, now, reason: reasonOf(run) });
  return moved ?? (await backend.runs.get(run.id));
}

async function cancelWhenQuiet({ backend, run, by, now }: Settling): Promise<Run | null> {
  return (await isInFlight(backend, run)) ? run : await cancelRest(backend, run, by, now);
}
