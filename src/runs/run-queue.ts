import type { Queue } from "bullmq";
import type { RowJob, RunHome } from "./run-home.ts";

/** Jobs that are looked at in one step. */
const PAGE = 100;
/** More than all workers together have in hand. */
const MANY = 2_000;

/** The BullMQ id of a row's job: adding it twice adds it once. */
export function jobIdOf(n: number): string {
  return `r${n}`;
}

/** Jobs of a run that are not done: waiting, in hand, or delayed by an outage. */
export async function queueSize(backend: RunHome, runId: string): Promise<number> {
  return await withQueue(backend, runId, (queue) =>
    queue.getJobCountByTypes("waiting", "active", "delayed", "prioritized"),
  );
}

/** Jobs of a run that some worker has in hand, or had when it died. */
export async function jobsInHand(backend: RunHome, runId: string): Promise<number> {
  return await withQueue(backend, runId, (queue) => queue.getActiveCount());
}

/**
 * Rows of a run that a worker once took up and that have not ended, with the requests that are known of each. Rows are first
 * taken up in their order, so the search ends where many in a row were not. Nobody may be working meanwhile.
 */
export async function begunRows(backend: RunHome, runId: string): Promise<Map<number, number>> {
  const begun = new Map<number, number>();
  await withQueue(backend, runId, async (queue) => {
    let notBegun = 0;
    for await (const positions of backend.rows.outstanding(runId)) {
      for (let from = 0; from < positions.length; from += PAGE) {
        const jobs = await Promise.all(positions.slice(from, from + PAGE).map((n) => queue.getJob(jobIdOf(n))));
        for (const job of jobs) {
          const isBegun = job !== undefined && job.attemptsStarted > 0;
          if (isBegun) begun.set(job.data.n, job.data.tried ?? 0);
          notBegun = isBegun ? 0 : notBegun + 1;
        }
        if (notBegun > MANY) return;
      }
    }
  });
  return begun;
}

/** Lets rows that a process which is gone had in hand wait again, now: without this they come back when their locks run out. */
export async function takeBackAbandoned(backend: RunHome, runId: string): Promise<void> {
  await withQueue(backend, runId, async (queue) => {
    const jobs = await queue.getJobs(["active"]);
    // Without a token, whoever holds the lock.
    await Promise.all(jobs.map((job) => job.moveToWait().catch(() => 0))); // gone meanwhile
  });
}

/** Removes a run's queue with everything in it. */
export async function removeQueue(backend: RunHome, runId: string): Promise<void> {
  await withQueue(backend, runId, (queue) => queue.obliterate({ force: true }));
}

async function withQueue<T>(backend: RunHome, runId: string, use: (queue: Queue<RowJob>) => Promise<T>): Promise<T> {
  const queue = backend.queue(runId);
  try {
    return await use(queue);
  } finally {
    await queue.close();
  }
}
