import type { Backend } from "../backends/backend.ts";
import type { RunOptions } from "./run.ts";

/** The BullMQ id of a row's job: adding it twice adds it once. */
export function jobIdOf(n: number): string {
  return `r${n}`;
}

/**
 * Adds a job for each row that has no outcome yet; rows whose job is there already keep it. Batches follow each other only
 * as fast as the backend takes them. Stops early, without an error, when `goOn` says no.
 */
export async function enqueueOutstanding(
  backend: Backend,
  runId: string,
  options: RunOptions,
  {
    signal,
    goOn,
    onBatch,
  }: { signal?: AbortSignal; goOn?: () => Promise<boolean>; onBatch?: (done: number) => void } = {},
): Promise<void> {
  const queue = backend.queue(runId);
  try {
    let done = 0;
    for await (const positions of backend.runs.outstanding(runId)) {
      signal?.throwIfAborted();
      if (goOn && !(await goOn())) return;
      await queue.addBulk(
        positions.map((n) => ({
          name: "update",
          data: { n },
          opts: { jobId: jobIdOf(n), attempts: options.attempts, backoff: { type: "outage" } },
        })),
      );
      done += positions.length;
      onBatch?.(done);
    }
  } finally {
    await queue.close();
  }
}
