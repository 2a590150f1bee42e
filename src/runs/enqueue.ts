import { canaryRows, isCanaryOver } from "./canary.ts";
import type { RowStore } from "./row-store.ts";
import type { RunHome, RunJob } from "./run-home.ts";
import { jobIdOf, type QueuedJobs, queuedJobs, sliceOf } from "./run-queue.ts";
import type { Run } from "./run.ts";

/** So many rows, or a few more, are queued in one step. */
const ROWS = 1_000;

export interface EnqueueOptions {
  signal?: AbortSignal;
  /** Asked before each batch; no: stop early, without an error. */
  goOn?: () => Promise<boolean>;
  /** Rows in the jobs added so far. */
  onBatch?: (done: number) => void;
}

/** Jobs that are added in one step, and the rows in them. */
interface Batch {
  jobs: RunJob[];
  rows: number;
}

/**
 * Adds jobs for the rows that have no outcome yet (while there is a canary, for its rows only); those that are there already
 * stay as they are, and no row is in two. Batches follow each other only as fast as the backend takes them.
 */
export async function enqueueOutstanding(
  backend: RunHome,
  run: Pick<Run, "id" | "options" | "events">,
  { signal, goOn, onBatch }: EnqueueOptions = {},
): Promise<void> {
  const queue = backend.queue(run.id);
  const opts = { attempts: run.options.attempts, backoff: { type: "outage" } };
  let done = 0;
  try {
    const batches = isCanaryOver(run)
      ? outstandingJobs(backend.rows, run, await queuedJobs(queue, run))
      : canaryJobs(backend.rows, run);
    for await (const { jobs, rows } of batches) {
      signal?.throwIfAborted();
      if (goOn && !(await goOn())) return;
      const added = jobs.map((data) => ({ name: "update", data, opts: { ...opts, jobId: jobIdOf(data) } }));
      if (added.length > 0) await queue.addBulk(added);
      done += rows;
      onBatch?.(done);
    }
  } finally {
    await queue.close();
  }
}

/**
 * Slices are cut at fixed positions, so that one which is queued again is the same job. Rows with a job of their own are passed
 * over by whoever takes the slice up.
 */
async function* outstandingJobs(
  store: RowStore,
  run: Pick<Run, "id" | "options">,
  queued: QueuedJobs,
): AsyncGenerator<Batch> {
  const { rowsAJob = 1 } = run.options;
  let jobs: RunJob[] = [];
  let slice = { n: -1, rows: 0, own: 0 };
  let rows = 0;
  const endSlice = (): void => {
    const { n, own } = slice;
    if (slice.rows > own)
      jobs.push(rowsAJob === 1 ? { n } : { n, to: n + rowsAJob - 1, ...(own > 0 && { again: true }) });
    rows += slice.rows;
  };
  for await (const positions of store.outstanding(run.id)) {
    for (const n of positions) {
      const first = sliceOf(run, n);
      if (first !== slice.n) {
        endSlice();
        slice = { n: first, rows: 0, own: 0 };
        if (rows >= ROWS) {
          yield { jobs, rows };
          jobs = [];
          rows = 0;
        }
      }
      slice.rows += 1;
      if (queued.hasRow(n)) slice.own += 1;
    }
  }
  endSlice();
  yield { jobs, rows };
}

async function* canaryJobs(store: RowStore, run: Pick<Run, "id" | "options">): AsyncGenerator<Batch> {
  const rows = (await canaryRows(store, run)).filter(({ result }) => result === null);
  yield { jobs: rows.map(({ n }) => ({ n, readBack: true })), rows: rows.length };
}
