import { InterruptedError } from "../explained-error.ts";
import type { Rate } from "../rate.ts";
import type { DecidedRows } from "./decided-rows.ts";
import { enqueueOutstanding } from "./enqueue.ts";
import { type Fence, LeaseLostError } from "./leases.ts";
import { moveRun } from "./move-run.ts";
import { holdProducerLease } from "./producer-lease.ts";
import { RunError } from "./run-error.ts";
import type { RunHome } from "./run-home.ts";
import type { Run, RunReason, RunRow, RunState } from "./run.ts";
import { exceeded, isUnsent } from "./safety-limit.ts";
import { findOverlap } from "./same-entries.ts";

/*
 * A producer is the process that records a run's rows and adds their jobs. One at a time, it holds the run's lease meanwhile; another
 * may take up where it left off.
 */

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

/** A producer that holds the lease of its run: `signal` ends with it, and `fence` guards what it writes. */
export type HeldProducer = ProducerOptions & { fence: Fence };

/**
 * Does a producer's work while it holds the run's lease. Cut off by an error or the signal, the run becomes `interrupted`. Throws
 * RunError `run_busy` where another producer is at it, and `run_taken_over` where the lease was lost on the way.
 */
export async function asProducer(
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

/** Records the rows of a plan; those that are recorded already are left as they are. Ends early where somebody moved the run. */
export async function stageRows(
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

/**
 * Lets a run whose rows are recorded go: adds its jobs, unless its safety limit halts it or somebody asked for something else.
 * Throws RunError `entries_busy` where another run still has to update some of the same entries.
 */
export async function queueJobs(
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
