import type { RunHome } from "./run-home.ts";
import { InterruptedError } from "../explained-error.ts";
import type { DecidedRows } from "./decided-rows.ts";
import { eventOf } from "./actor.ts";
import { enqueueOutstanding } from "./enqueue.ts";
import { moveRun } from "./move-run.ts";
import { type Fence, LeaseLostError } from "./leases.ts";
import { holdProducerLease } from "./producer-lease.ts";
import { RunError } from "./run-error.ts";
import { makeRunId } from "./run-id.ts";
import type { Rate } from "../rate.ts";
import { rowsAJob } from "./rows-a-job.ts";
import { removeQueue } from "./run-queue.ts";
import type { NewRun, Run, RunOptions, RunReason, RunRow, RunSource, RunState } from "./run.ts";
import { findOverlap } from "./same-entries.ts";
import { exceeded, isUnsent } from "./safety-limit.ts";

/** Rows that are recorded in one step. */
const STAGE_BATCH = 500;

/** Who asks, on which backend, and who wants to know how far it is. */
export interface ProducerOptions {
  backend: RunHome;
  /** `user@host`. */
  by: string;
  now?: () => number;
  signal?: AbortSignal;
  onProgress?: (progress: ProducerProgress) => void;
  /** Entries that may be updated, instead of what the run's own safety limit says. */
  allowChanges?: number;
  /** Start also where an unfinished run still has to update some of the same entries. */
  anyway?: boolean;
  /** Start also where the datastore may throw away rows. */
  allowEviction?: boolean;
  /** At which the rows are going to be sent; left out: without a limit. */
  rate?: Rate;
}

/** `done`: rows that are recorded, or have their job, so far. */
export interface ProducerProgress {
  runId: string;
  step: "recording" | "queueing";
  done: number;
}

/** What a new run is told besides its rows. */
export interface NewRunOptions {
  /** From `freeRunId`, for who must know it before the run exists; left out: a new one. */
  id?: string;
  source: Omit<RunSource, "rows" | "sha256" | "digest">;
  options: RunOptions;
  accountId: string;
  retryOf: string | null;
  reportDir: (runId: string) => string | null;
}

/**
 * Makes a run of decided rows: records them, then adds a job for each entry to update. The run is `running` when this returns,
 * unless the safety limit halted it or somebody asked for something else meanwhile. Throws RunError `entries_busy`, and leaves no
 * run behind, where an unfinished run still has to update some of the same entries.
 * Cut off by an error or the signal, the run becomes `interrupted`; killed, it stays `planning` or `queueing` without a producer.
 */
export async function startRun(plan: DecidedRows, wanted: NewRunOptions, producer: ProducerOptions): Promise<Run> {
  const { backend, by, now = Date.now } = producer;
  assertKeepsRows(backend, producer.allowEviction);
  const { reportDir, id = await freeRunId(backend, now()), ...facts } = wanted;
  const run: NewRun = {
    ...facts,
    options: {
      ...wanted.options,
      planRequests: plan.requests,
      rowsAJob: rowsAJob(plan.rows, producer.rate),
    },
    id,
    name: wanted.source.name,
    state: "planning",
    reason: null,
    source: {
      ...wanted.source,
      rows: plan.rows,
      sha256: plan.sha256,
      ...(plan.digest !== undefined && { digest: plan.digest }),
    },
    reportDir: reportDir(id),
    createdAt: now(),
  };
  return await asProducer(id, producer, async (held) => {
    await backend.runs.create(run, eventOf("started", by, now()));
    await backend.runs.addRequests(id, { total: plan.requests });
    await stageRows(id, plan, held);
    try {
      return await queueJobs(id, held);
    } catch (error) {
      if (error instanceof RunError && error.code === "entries_busy") await forget(backend, id);
      throw error;
    }
  });
}

/** Nothing of it was sent. */
async function forget(backend: RunHome, id: string): Promise<void> {
  await removeQueue(backend, id);
  await backend.runs.remove(id);
}

/** Throws RunError `backend_evicts` where the datastore may throw away rows that are not done, and nobody said that it may. */
export function assertKeepsRows({ address, evicts }: RunHome, allowEviction = false): void {
  if (evicts === null || allowEviction) return;
  throw new RunError(
    "backend_evicts",
    `Redis at ${address} may throw away rows when its memory is full (maxmemory-policy ${evicts}), so no new run is kept there`,
  );
}

/** An id that no run has. */
export async function freeRunId(backend: RunHome, now: number): Promise<string> {
  let id = makeRunId(new Date(now));
  while (await backend.runs.get(id)) id = makeRunId(new Date(now));
  return id;
}

/** Completes a run whose recording was cut off. Rows that are recorded already are left as they are. */
export async function completeRun(id: string, plan: DecidedRows, producer: ProducerOptions): Promise<Run> {
  const { backend, by, now = Date.now } = producer;
  return await asProducer(id, producer, async (held) => {
    const detail = "the source is read again";
    await moveRun(backend.runs, id, "planning", { by, now, what: "resumed", detail, fence: held.fence });
    await stageRows(id, plan, held);
    return await queueJobs(id, held);
  });
}

/** Adds the jobs of a run whose rows are all recorded, and lets the workers go. */
export async function queueRun(id: string, producer: ProducerOptions): Promise<Run> {
  return await asProducer(id, producer, (held) => queueJobs(id, held));
}

/** A producer that holds the lease of its run: `signal` ends with it, and `fence` guards what it writes. */
type HeldProducer = ProducerOptions & { fence: Fence };

async function asProducer(
  runId: string,
  producer: ProducerOptions,
  work: (held: HeldProducer) => Promise<Run>,
): Promise<Run> {
  const { backend, by, now = Date.now, signal } = producer;
  const lease = await holdProducerLease(backend.leases, runId, by, signal);
  try {
    return await work({ ...producer, signal: lease.signal, fence: lease.fence });
  } catch (error) {
    // Another process has the run now, and its state is that one's to tell.
    if (lease.isLost() || error instanceof LeaseLostError) throw takenOver(runId);
    const reason: RunReason = signal?.aborted
      ? { code: "stopped", message: `stopped by ${by} while it was being queued` }
      : { code: "cut_off", message: `queueing was cut off: ${(error as Error).message}` };
    const { fence } = lease;
    await moveRun(backend.runs, runId, "interrupted", { by, now, reason, fence }).catch(() => null);
    if (signal?.aborted) throw new InterruptedError(`run ${runId} was ${reason.message}`, "resume it to go on", runId);
    throw error;
  } finally {
    await lease.release().catch(() => undefined);
  }
}

async function stageRows(
  runId: string,
  plan: DecidedRows,
  { backend, signal, fence, onProgress }: HeldProducer,
): Promise<void> {
  let batch: RunRow[] = [];
  let done = 0;
  const flush = async (): Promise<boolean> => {
    signal?.throwIfAborted();
    // A run that is being cancelled is recorded to its end: each row is to have its outcome.
    if (!(await isIn(backend, runId, ["planning", "cancelling"]))) return false;
    await backend.rows.stage(runId, batch, { fence });
    done += batch.length;
    batch = [];
    onProgress?.({ runId, step: "recording", done });
    return true;
  };
  for await (const row of plan.decided()) {
    batch.push(row);
    if (batch.length === STAGE_BATCH && !(await flush())) return;
  }
  if (batch.length > 0) await flush();
}

async function queueJobs(
  id: string,
  { backend, by, now = Date.now, signal, fence, onProgress, allowChanges, anyway = false }: HeldProducer,
): Promise<Run> {
  const { runs } = backend;
  const run = await existing(backend, id);
  const tooMany = isUnsent(run) ? exceeded(run, allowChanges ?? run.options.maxChanges) : null;
  if (tooMany !== null) {
    const halted = await moveRun(runs, id, "halted", {
      by,
      now,
      fence,
      reason: tooMany,
      from: ["planning", "interrupted"],
    });
    return halted ?? (await existing(backend, id));
  }
  const overlap = isUnsent(run) && !anyway ? await findOverlap(backend, run, signal) : null;
  if (overlap !== null) {
    throw new RunError(
      "entries_busy",
      `run ${overlap.run.id} (${overlap.run.state}) still has to update ${overlap.entries} of the same entries, so this run was not started`,
      { run: overlap.run.id },
    );
  }
  const queueing = await moveRun(runs, id, "queueing", { by, now, fence });
  if (queueing || run.state === "queueing") {
    await enqueueOutstanding(backend, queueing ?? run, {
      signal,
      // Also while it is paused, and when it was resumed since: its rows are all to be queued.
      goOn: () => isIn(backend, id, ["queueing", "pausing", "paused", "running", "halted"]),
      onBatch: (done) => onProgress?.({ runId: id, step: "queueing", done }),
    });
    await moveRun(runs, id, "running", { by, now, fence, from: ["queueing"] });
  }
  return await existing(backend, id);
}

async function existing(backend: RunHome, id: string): Promise<Run> {
  const run = await backend.runs.get(id);
  if (run) return run;
  throw new RunError("run_not_found", `run ${id} was removed while it was being queued`);
}

function takenOver(runId: string): RunError {
  return new RunError(
    "run_taken_over",
    `run ${runId}: this process was cut off for so long that another one queues the run now`,
    { run: runId },
  );
}

async function isIn(backend: RunHome, runId: string, states: readonly RunState[]): Promise<boolean> {
  const run = await backend.runs.get(runId);
  return run !== null && states.includes(run.state);
}
