import { createPostgresBackend, Queue, Worker, type PgPool } from "bullmq";
import type { Backend, RowJob } from "../backend.ts";
import { queueDefaults, queueName, workerDefaults } from "../queue-settings.ts";

/** Removing one job by its id, as this says, is quicker here than keeping the newest none, which the worker's settings say. */
const defaultJobOptions = { removeOnComplete: true, removeOnFail: true };

/**
 * BullMQ on a `pg.Pool`, or what has its shape, whose schema `bullmq` is there. Closing a queue or worker leaves the pool
 * open; their errors go to `onError`, too, so that none ends the process.
 */
export function queueOnPostgres(
  connection: PgPool,
  onError: (error: Error) => void = () => {},
): Pick<Backend, "queue" | "worker"> {
  // BullMQ's types name the Redis backend wherever none is said; nothing above depends on which it is.
  return {
    queue: (runId) => {
      const options = { ...queueDefaults, defaultJobOptions, connection };
      const queue = new Queue(queueName(runId), options, createPostgresBackend);
      return queue.on("error", onError) as unknown as Queue<RowJob>;
    },
    worker: (runId, processor, options) => {
      const settings = { ...workerDefaults, ...options, connection };
      const worker = new Worker<RowJob>(queueName(runId), processor, settings, createPostgresBackend as never);
      return worker.on("error", onError);
    },
  };
}
