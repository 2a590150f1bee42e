import { EventEmitter } from "node:events";
import type { PgPool, Processor, Worker, WorkerOptions } from "bullmq";
import type { Backend } from "../backend.ts";
import type { RunJob } from "../../runs/run-home.ts";
import type { NotificationJob } from "../../schedules/notify/notification-home.ts";
import { bullmq } from "../bullmq.ts";
import type { OutageRetry } from "../outage-retry.ts";
import { makeQuietQueue } from "../quiet-queue.ts";
import { NOTIFICATIONS_QUEUE, queueName, workerDefaults } from "../queue-settings.ts";
import type { SharedPool } from "./sql.ts";

/** Removing one job by its id, as this says, is quicker here than keeping the newest none, which the worker's settings say. */
const defaultJobOptions = { removeOnComplete: true, removeOnFail: true };

/**
 * BullMQ on a database whose schema `bullmq` is there. Closing a queue or worker leaves the pool open; their errors go to
 * `onError`, too, so that none ends the process.
 */
export function queueOnPostgres(
  pool: SharedPool,
  { onError = () => {}, outageRetry }: { onError?: (error: Error) => void; outageRetry?: OutageRetry } = {},
): Pick<Backend, "queue" | "worker" | "notifications" | "notificationWorker"> {
  const queue = <Data>(name: string): ReturnType<typeof makeQuietQueue<Data>> => {
    const factory = bullmq().createPostgresBackend;
    return makeQuietQueue<Data>(name, lend(pool), { factory, defaultJobOptions, outageRetry }).on("error", onError);
  };
  const worker = <Data>(name: string, processor: Processor<Data>, options: Partial<WorkerOptions>): Worker<Data> => {
    const connection = lend(pool);
    const settings = { ...workerDefaults, ...options, connection };
    const { Worker, createPostgresBackend } = bullmq();
    return new Worker<Data>(name, processor, settings, createPostgresBackend as never)
      .on("error", onError)
      .once("closing", () => connection.refuse());
  };
  return {
    queue: (runId) => queue<RunJob>(queueName(runId)),
    worker: (runId, processor, options) => worker(queueName(runId), processor, options),
    notifications: () => queue<NotificationJob>(NOTIFICATIONS_QUEUE),
    notificationWorker: (processor, options) => worker(NOTIFICATIONS_QUEUE, processor, options),
  };
}

/**
 * The pool for one queue or worker. BullMQ begins to listen to its pool's errors and never stops, so each gets an emitter of its
 * own, which goes with it. `keepAlive` says that a lost connection is noticed, so an idle worker need not look every ten seconds.
 *
 * A worker that is closed before it was ready takes a session once it is, and gives it back to nobody: `refuse` ends the lending.
 */
function lend(pool: SharedPool): PgPool & { refuse(): void } {
  let isRefused = false;
  const lent = Object.assign(new EventEmitter(), {
    options: { keepAlive: true },
    query: async (text: string, values?: readonly unknown[]) => pool.query(text, values),
    connect: async () => {
      if (isRefused) throw new Error("Connection is closed.");
      return pool.connect();
    },
    end: async () => {},
    refuse: () => {
      isRefused = true;
    },
  });
  return lent as unknown as PgPool & { refuse(): void };
}
