import type { RunHome } from "./run-home.ts";
import { eventOf } from "./actor.ts";
import { somebodyWorksOn } from "./attendance.ts";
import { cancelRest } from "./cancel-rest.ts";
import { isCanaryOver } from "./canary.ts";
import { enqueueOutstanding } from "./enqueue.ts";
import { judgeCanary } from "./judge-canary.ts";
import { totalOf } from "./outcome.ts";
import { hasProducer } from "./producer-lease.ts";
import { jobsInHand, queueSize, removeQueue } from "./run-queue.ts";
import type { Run } from "./run.ts";

/*
 * What was asked for becomes true here: `pausing` becomes `paused` once nothing is in flight, `cancelling` becomes `cancelled`
 * once every row that was not tried is recorded so, `running` becomes `finished` once every row has its outcome, and a run
 * whose producer is gone becomes `interrupted`. Any process may do it at any time, several at once: each step is safe to repeat.
 */

/** Brings a run to the state that its facts allow, and answers the run as it is then. */
export async function settle(
  backend: RunHome,
  runId: string,
  by: string,
  now: () => number = Date.now,
): Promise<Run | null> {
  const run = await backend.runs.get(runId);
  if (!run) return null;
  switch (run.state) {
    case "planning":
    case "queueing":
      return await interruptWithoutProducer(backend, run, by, now);
    case "running":
      if (isComplete(run)) return await finish(backend, run, by, now);
      return isCanaryOver(run) ? run : await judgeCanary(backend, run, by, now);
    case "paused":
      return isComplete(run) ? await finish(backend, run, by, now) : run;
    case "pausing":
      return (await isInFlight(backend, run.id)) ? run : await rest(backend, run, by, now);
    case "cancelling":
      return (await isInFlight(backend, run.id)) ? run : await cancelRest(backend, run, by, now);
    case "halted":
    case "interrupted":
    case "cancelled":
    case "finished":
      return run;
  }
}

/** Every row has its outcome. */
export function isComplete(run: Run): boolean {
  return run.rows === run.source.rows && totalOf(run.outcomes) === run.rows;
}

/** Said of a run whose producer died; not of one that somebody stopped. */
const PRODUCER_GONE = "the process that was queueing it is gone";

/** Any process can do the rest: every row is recorded, and nobody asked for the interruption. */
export function canBeCompletedByAnybody(run: Run): boolean {
  return run.state === "interrupted" && run.reason === PRODUCER_GONE && run.rows === run.source.rows;
}

/**
 * Adds the jobs of rows without an outcome again where the queue holds none of them any more, as after a loss in the datastore.
 * Answers how many jobs the queue holds.
 */
export async function refillEmptyQueue(backend: RunHome, run: Run): Promise<number> {
  const jobs = await queueSize(backend, run.id);
  if (jobs === 0) await enqueueOutstanding(backend, run);
  return jobs;
}

/** A process that is alive has rows of the run in hand. What a dead one had is picked up when the run goes on. */
async function isInFlight(backend: RunHome, runId: string): Promise<boolean> {
  return (await jobsInHand(backend, runId)) > 0 && (await somebodyWorksOn(backend, runId));
}

async function finish(backend: RunHome, run: Run, by: string, now: () => number): Promise<Run | null> {
  const moved = await backend.runs.move(
    run.id,
    ["running", "paused"],
    "finished",
    null,
    eventOf("finished", by, now()),
  );
  if (moved) await removeQueue(backend, run.id);
  return moved ?? (await backend.runs.get(run.id));
}

async function interruptWithoutProducer(
  backend: RunHome,
  run: Run,
  by: string,
  now: () => number,
): Promise<Run | null> {
  if (await hasProducer(backend.leases, run.id)) return run;
  const moved = await backend.runs.move(
    run.id,
    ["planning", "queueing"],
    "interrupted",
    PRODUCER_GONE,
    eventOf("interrupted", by, now(), PRODUCER_GONE),
  );
  return moved ?? (await backend.runs.get(run.id));
}

async function rest(backend: RunHome, run: Run, by: string, now: () => number): Promise<Run | null> {
  const moved = await backend.runs.move(run.id, ["pausing"], "paused", run.reason, eventOf("paused", by, now()));
  return moved ?? (await backend.runs.get(run.id));
}
