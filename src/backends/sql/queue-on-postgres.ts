import { EventEmitter } from "node:events";
import { createPostgresBackend, Worker, type PgPool } from "bullmq";
import type { Backend } from "../backend.ts";
import type { RowJob } from "../../runs/run-home.ts";
import { queueName, workerDefaults } from "../queue-settings.ts";
import { RunQueue } from "../run-queue.ts";
import type { SharedPool } from "./sql.ts";

/** Removing one job by its id, as this says, is quicker here than keeping the newest none, which the worker's settings say. */
const defaultJobOptions = { removeOnComplete: true, removeOnFail: true };

/**
 * BullMQ on a database whose schema `bullmq` is there. Closing a queue or worker leaves the pool open; their errors go to
 * `onError`, too, so that none ends the process.
 */
export function queueOnPostgres(
  pool: SharedPool,
  onError: (error: Error) => void = () => {},
): Pick<Backend, "queue" | "worker"> {
  return {
    queue: (runId) =>
      new RunQueue(runId, lend(pool), { factory: createPostgresBackend, defaultJobOptions }).on("error", onError),
    worker: (runId, processor, options) => {
      const settings = { ...workerDefaults, ...options, connection: lend(pool) };
      const worker = new Worker<RowJob>(queueName(runId), processor, settings, createPostgresBackend as never);
      return worker.on("error", onError);
    },
  };
}

/**
 * The pool for one queue or worker. BullMQ begins to listen to its pool's errors and never stops, so each gets an emitter of its
 * own, which goes with it. `keepAlive` says that a lost connection is noticed, so an idle worker need not look every ten seconds.
 */
function lend(pool: SharedPool): PgPool {
  const lent = Object.assign(new EventEmitter(), {
    options: { keepAlive: true },
    query: async (text: string, values?: readonly unknown[]) => pool.query(text, values),
    connect: async () => pool.connect(),
    end: async () => {},
  });
  return lent as unknown as PgPool;
}
