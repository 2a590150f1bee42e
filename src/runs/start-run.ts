import type { Backend } from "../backends/backend.ts";
import { RequestError } from "../explained-error.ts";
import type { Plan } from "../plan/make-plan.ts";
import { eventOf } from "./actor.ts";
import { enqueueOutstanding } from "./enqueue.ts";
import { holdProducerLease } from "./producer-lease.ts";
import { makeRunId } from "./run-id.ts";
import type { NewRun, Run, RunOptions, RunRow, RunSource, RunState } from "./run.ts";
import { isOver } from "./states.ts";

/** Rows that are recorded in one step. */
const STAGE_BATCH = 500;

/** Who asks, on which backend, and who wants to know how far it is. */
export interface ProducerOptions {
  backend: Backend;
  /** `user@host`. */
  by: string;
  now?: () => number;
  signal?: AbortSignal;
  onProgress?: (progress: ProducerProgress) => void;
}

export interface ProducerProgress {
  step: "recording" | "queueing";
  done: number;
}

export interface NewRunOptions {
  source: Omit<RunSource, "rows" | "sha256">;
  options: RunOptions;
  accountId: string;
  retryOf?: string;
  reportDir: (runId: string) => string | null;
}

/** What a run is made from: a plan, or the outstanding rows of another run. */
export type DecidedRows = Pick<Plan, "rows" | "sha256" | "requests" | "decided">;

/** Makes the run's record, in state `planning`, with nothing in it yet. */
export async function createRun(
  plan: DecidedRows,
  wanted: NewRunOptions,
  { backend, by, now = Date.now }: ProducerOptions,
): Promise<NewRun> {
  const { source, options, accountId, retryOf, reportDir } = wanted;
  let id = makeRunId(new Date(now()));
  while (await backend.runs.get(id)) id = makeRunId(new Date(now()));
  const run: NewRun = {
    id,
    name: source.name,
    state: "planning",
    reason: null,
    source: { ...source, rows: plan.rows, sha256: plan.sha256 },
    options,
    accountId,
    retryOf: retryOf ?? null,
    reportDir: reportDir(id),
    createdAt: now(),
  };
  await backend.runs.create(run, eventOf("started", by, now()));
  await backend.runs.addRequests(id, { total: plan.requests });
  return run;
}

/**
 * Records the decided rows of a run in state `planning` and adds a job for each entry to update: the run is `running` when
 * this returns, unless somebody asked for something else meanwhile. Rows that are recorded already are left as they are.
 * Cut off by an error or the signal, the run becomes `interrupted`; killed, it stays `planning` or `queueing` without a producer.
 */
export async function recordAndQueue(
  run: { id: string; options: RunOptions },
  plan: DecidedRows,
  producer: ProducerOptions,
): Promise<Run> {
  return await asProducer(run.id, producer, async (signal) => {
    await stageRows(run.id, plan, { ...producer, signal });
    return await addJobs(run, { ...producer, signal });
  });
}

/** Adds the jobs of a run whose rows are all recorded, and lets the workers go. */
export async function queueRun(run: { id: string; options: RunOptions }, producer: ProducerOptions): Promise<Run> {
  return await asProducer(run.id, producer, async (signal) => await addJobs(run, { ...producer, signal }));
}

async function asProducer(
  runId: string,
  { backend, by, now = Date.now, signal }: ProducerOptions,
  work: (signal: AbortSignal) => Promise<Run>,
): Promise<Run> {
  const lease = await holdProducerLease(backend.runs, runId, by, signal);
  try {
    return await work(lease.signal);
  } catch (error) {
    const reason = signal?.aborted
      ? `stopped by ${by} while it was being queued`
      : `queueing was cut off: ${(error as Error).message}`;
    await backend.runs
      .move(runId, ["planning", "queueing"], "interrupted", reason, eventOf("interrupted", by, now()))
      .catch(() => null);
    throw error;
  } finally {
    await lease.release().catch(() => undefined);
  }
}

async function stageRows(
  runId: string,
  plan: DecidedRows,
  { backend, signal, onProgress }: ProducerOptions,
): Promise<void> {
  let batch: RunRow[] = [];
  let done = 0;
  const flush = async (): Promise<boolean> => {
    signal?.throwIfAborted();
    if (!(await isIn(backend, runId, ["planning"]))) return false;
    await backend.runs.stage(runId, batch);
    done += batch.length;
    batch = [];
    onProgress?.({ step: "recording", done });
    return true;
  };
  for await (const row of plan.decided()) {
    batch.push(row);
    if (batch.length === STAGE_BATCH && !(await flush())) return;
  }
  if (batch.length > 0) await flush();
}

async function addJobs(
  run: { id: string; options: RunOptions },
  { backend, by, now = Date.now, signal, onProgress }: ProducerOptions,
): Promise<Run> {
  const { runs } = backend;
  const queueing = await runs.move(
    run.id,
    ["planning", "interrupted", "halted", "paused"],
    "queueing",
    null,
    eventOf("queueing", by, now()),
  );
  if (queueing || (await isIn(backend, run.id, ["queueing"]))) {
    await enqueueOutstanding(backend, run.id, run.options, {
      signal,
      goOn: () => isIn(backend, run.id, ["queueing", "pausing"]),
      onBatch: (done) => onProgress?.({ step: "queueing", done }),
    });
    await runs.move(run.id, ["queueing"], "running", null, eventOf("running", by, now()));
  }
  const moved = await runs.get(run.id);
  if (!moved)
    throw new RequestError("run_not_found", `run ${run.id} was removed while it was being queued`, "start it again");
  return moved;
}

async function isIn(backend: Backend, runId: string, states: readonly RunState[]): Promise<boolean> {
  const run = await backend.runs.get(runId);
  return run !== null && !isOver(run.state) && states.includes(run.state);
}
