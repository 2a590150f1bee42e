import { createPostgresBackend, Queue, Worker, type PgPool } from "bullmq";
import type { Backend, RowJob } from "../backend.ts";
import { queueDefaults, queueName, workerDefaults } from "../queue-settings.ts";

/** BullMQ on a `pg.Pool`, or what has its shape, whose schema `bullmq` is there. Closing a queue or worker leaves the pool open. */
export function queueOnPostgres(connection: PgPool): Pick<Backend, "queue" | "worker"> {
  // BullMQ's types name the Redis backend wherever none is said; nothing above depends on which it is.
  return {
    queue: (runId) =>
      new Queue(queueName(runId), { ...queueDefaults, connection }, createPostgresBackend) as unknown as Queue<RowJob>,
    worker: (runId, processor, options) =>
      new Worker<RowJob>(
        queueName(runId),
        processor,
        { ...workerDefaults, ...options, connection },
        createPostgresBackend as never,
      ),
  };
}
