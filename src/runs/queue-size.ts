import type { Queue } from "bullmq";
import type { Backend, RowJob } from "../backends/backend.ts";

/** Jobs that are looked at in one step. */
const PAGE = 1_000;

/** Jobs of a run that are not done: waiting, in hand, or delayed by an outage. */
export async function queueSize(backend: Backend, runId: string): Promise<number> {
  return await withQueue(backend, runId, (queue) =>
    queue.getJobCountByTypes("waiting", "active", "delayed", "prioritized"),
  );
}

/** Jobs of a run that some worker has in hand, or had when it died. */
export async function jobsInHand(backend: Backend, runId: string): Promise<number> {
  return await withQueue(backend, runId, (queue) => queue.getActiveCount());
}

/**
 * Rows of a run that a worker once took up and that have not ended, with the requests that are known of each. Looks at every
 * job, so it takes seconds where a hundred thousand wait; nobody may be working meanwhile.
 */
export async function begunRows(backend: Backend, runId: string): Promise<Map<number, number>> {
  const begun = new Map<number, number>();
  await withQueue(backend, runId, async (queue) => {
    for (const state of ["active", "delayed", "waiting"] as const) {
      for (let from = 0; ; from += PAGE) {
        const jobs = await queue.getJobs([state], from, from + PAGE - 1, true);
        for (const job of jobs) {
          if (job && job.attemptsStarted > 0) begun.set(job.data.n, job.data.tried ?? 0);
        }
        if (jobs.length < PAGE) break;
      }
    }
  });
  return begun;
}

/** Removes a run's queue with everything in it. */
export async function removeQueue(backend: Backend, runId: string): Promise<void> {
  await withQueue(backend, runId, (queue) => queue.obliterate({ force: true }));
}

async function withQueue<T>(backend: Backend, runId: string, use: (queue: Queue<RowJob>) => Promise<T>): Promise<T> {
  const queue = backend.queue(runId);
  try {
    return await use(queue);
  } finally {
    await queue.close();
  }
}
