import type { QueueOptions, WorkerOptions } from "bullmq";

const SECOND = 1_000;

/** The prefix of every key in Redis, BullMQ's and ours. PostgreSQL has schemas instead. */
export const KEY_PREFIX = "bulkpatch";

/** The name of a run's queue. One queue per run, so that pausing or emptying one touches no other. */
export function queueName(runId: string): string {
  return `run-${runId}`;
}

/** What waits to be told to people and other programs. */
export const NOTIFICATIONS_QUEUE = "notifications";

/** Of every queue, on every backend. */
export const queueDefaults: Omit<QueueOptions, "connection"> = {
  prefix: KEY_PREFIX,
  // Nobody reads the event stream. BullMQ has no switch for it, so it is kept as short as it can be.
  streams: { events: { maxLen: 1 } },
};

/** Of every BullMQ worker, on every backend. */
export const workerDefaults: Omit<WorkerOptions, "connection"> = {
  prefix: KEY_PREFIX,
  autorun: false,
  // A killed worker's rows go back to the queue after at most lockDuration + stalledInterval.
  lockDuration: 15 * SECOND,
  stalledInterval: 5 * SECOND,
  // A worker that died is never the row's fault, however often it happens.
  maxStalledCount: 1_000_000,
  // Finished jobs leave no trace: outcomes are in the run store. Said here rather than in each job, which would be the larger for it.
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
};
