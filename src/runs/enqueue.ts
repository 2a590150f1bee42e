import type { RunHome } from "./run-home.ts";
import type { RowJob } from "./run-home.ts";
import { canaryRows, isCanaryOver } from "./canary.ts";
import { jobIdOf } from "./run-queue.ts";
import type { Run } from "./run.ts";

export interface EnqueueOptions {
  signal?: AbortSignal;
  /** Asked before each batch; no: stop early, without an error. */
  goOn?: () => Promise<boolean>;
  /** Jobs added so far. */
  onBatch?: (done: number) => void;
}

/**
 * Adds a job for each row that has no outcome yet (while there is a canary, for its rows only); rows whose job is there already
 * keep it. Batches follow each other only as fast as the backend takes them.
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
    for await (const jobs of isCanaryOver(run) ? allJobs(backend, run.id) : canaryJobs(backend, run)) {
      signal?.throwIfAborted();
      if (goOn && !(await goOn())) return;
      await queue.addBulk(jobs.map((data) => ({ name: "update", data, opts: { ...opts, jobId: jobIdOf(data.n) } })));
      done += jobs.length;
      onBatch?.(done);
    }
  } finally {
    await queue.close();
  }
}

async function* allJobs(backend: RunHome, runId: string): AsyncGenerator<RowJob[]> {
  for await (const positions of backend.rows.outstanding(runId)) yield positions.map((n) => ({ n }));
}

async function* canaryJobs(backend: RunHome, run: Pick<Run, "id" | "options">): AsyncGenerator<RowJob[]> {
  const rows = await canaryRows(backend.rows, run);
  yield rows.filter(({ result }) => result === null).map(({ n }) => ({ n, readBack: true }));
}
