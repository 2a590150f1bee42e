import type { Backend } from "../backends/backend.ts";
import { eventOf } from "./actor.ts";
import { isCanaryOver } from "./canary.ts";
import { enqueueOutstanding } from "./enqueue.ts";
import { judgeCanary } from "./judge-canary.ts";
import { type RowResult, totalOf } from "./outcome.ts";
import { hasProducer } from "./producer-lease.ts";
import { jobsInHand, queueSize, removeQueue } from "./queue-size.ts";
import type { Run } from "./run.ts";

/*
 * What was asked for becomes true here: `pausing` becomes `paused` once nothing is in flight, `cancelling` becomes `cancelled`
 * once every row that was not tried is recorded so, `running` becomes `finished` once every row has its outcome, and a run
 * whose producer is gone becomes `interrupted`. Any process may do it at any time, several at once: each step is safe to repeat.
 */

/** Brings a run to the state that its facts allow, and answers the run as it is then. */
export async function settle(
  backend: Backend,
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
      return (await jobsInHand(backend, run.id)) === 0 ? await move(backend, run, "paused", by, now) : run;
    case "cancelling":
      return (await jobsInHand(backend, run.id)) === 0 && !(await hasProducer(backend.runs, run.id))
        ? await cancelRest(backend, run, by, now)
        : run;
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

/**
 * Adds the jobs of rows without an outcome again where the queue holds none of them any more, as after a loss in the datastore.
 * Answers how many jobs the queue holds.
 */
export async function refillEmptyQueue(backend: Backend, run: Run): Promise<number> {
  const jobs = await queueSize(backend, run.id);
  if (jobs === 0) await enqueueOutstanding(backend, run);
  return jobs;
}

async function finish(backend: Backend, run: Run, by: string, now: () => number): Promise<Run | null> {
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
  backend: Backend,
  run: Run,
  by: string,
  now: () => number,
): Promise<Run | null> {
  if (await hasProducer(backend.runs, run.id)) return run;
  const reason = "the process that was queueing it is gone";
  const moved = await backend.runs.move(
    run.id,
    ["planning", "queueing"],
    "interrupted",
    reason,
    eventOf("interrupted", by, now(), reason),
  );
  return moved ?? (await backend.runs.get(run.id));
}

async function move(backend: Backend, run: Run, to: "paused", by: string, now: () => number): Promise<Run | null> {
  const moved = await backend.runs.move(run.id, [run.state], to, run.reason, eventOf(to, by, now()));
  return moved ?? (await backend.runs.get(run.id));
}

async function cancelRest(backend: Backend, run: Run, by: string, now: () => number): Promise<Run | null> {
  await removeQueue(backend, run.id);
  for await (const positions of backend.runs.outstanding(run.id)) {
    const result: RowResult = {
      outcome: "cancelled",
      message: "not tried: the run was cancelled first",
      httpStatus: null,
      apiCode: null,
      attempts: 0,
      finishedAt: now(),
      rayId: null,
    };
    await backend.runs.record(
      run.id,
      positions.map((n) => ({ n, result })),
    );
  }
  const moved = await backend.runs.move(
    run.id,
    ["cancelling"],
    "cancelled",
    run.reason,
    eventOf("cancelled", by, now()),
  );
  return moved ?? (await backend.runs.get(run.id));
}
