import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import type { Backend } from "../../../src/backends/backend.ts";
import { openSender } from "./undici-loop.ts";
import type { Updates } from "./updates.ts";

/* A queue with one job for each row, and a worker that sends it: added, sent, and gone. */

type Job = { data: { n: number } };

const NAME = "bare";
const ADDED_AT_ONCE = 500;

export async function bareOnRedis(url: string, updates: Updates): Promise<void> {
  const { concurrency } = updates;
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue(NAME, { connection });
  await drain(updates, queue, (process) => new Worker(NAME, process, { connection, concurrency }));
  await queue.obliterate({ force: true });
  await queue.close();
  connection.disconnect();
}

/** On the database of an embedded backend. */
export async function bareOnPglite(backend: Backend, updates: Updates): Promise<void> {
  const queue = backend.queue(NAME) as unknown as Queue;
  await drain(updates, queue, (process) => {
    const options = { concurrency: updates.concurrency };
    const worker = backend.worker(NAME, process as never, options) as unknown as Worker;
    void worker.run();
    return worker;
  });
  await queue.obliterate({ force: true });
  await queue.close();
}

async function drain(
  updates: Updates,
  queue: Queue,
  makeWorker: (process: (job: Job) => Promise<void>) => Worker,
): Promise<void> {
  const rows = updates.ids.length;
  const sender = openSender(updates);
  for (let n = 0; n < rows; n += ADDED_AT_ONCE) {
    const jobs = Array.from({ length: Math.min(ADDED_AT_ONCE, rows - n) }, (_, i) => ({
      name: "patch",
      data: { n: n + i },
      opts: { removeOnComplete: true },
    }));
    await queue.addBulk(jobs);
  }
  let done = 0;
  const all = Promise.withResolvers<void>();
  const worker = makeWorker(async ({ data: { n } }) => {
    await sender.patch(updates.ids[n]!, updates.commentOf(n));
    done += 1;
    if (done === rows) all.resolve();
  });
  worker.on("error", all.reject);
  await all.promise;
  await worker.close();
  await sender.close();
}
