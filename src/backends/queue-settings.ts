import type { JobsOptions, QueueOptions, WorkerOptions } from "bullmq";

const SECOND = 1_000;

/** The prefix of every key that BullMQ keeps in Redis. PostgreSQL uses a schema instead. */
export const QUEUE_PREFIX = "bulkpatch";

/** The name of a run's queue. One queue per run, so that pausing or emptying one touches no other. */
export function queueName(runId: string): string {
  return `run-${runId}`;
}

/** Finished jobs leave no trace in the queue: outcomes are in the run store. */
const jobDefaults: JobsOptions = { removeOnComplete: true, removeOnFail: true };

export const queueDefaults: Omit<QueueOptions, "connection"> = {
  prefix: QUEUE_PREFIX,
  defaultJobOptions: jobDefaults,
  // Nobody reads the event stream; BullMQ has no switch for it, so it is kept as short as it can be.
  streams: { events: { maxLen: 1 } },
};

export const workerDefaults: Omit<WorkerOptions, "connection"> = {
  prefix: QUEUE_PREFIX,
  autorun: false,
  // A killed worker's rows go back to the queue after at most lockDuration + stalledInterval.
  lockDuration: 15 * SECOND,
  stalledInterval: 5 * SECOND,
  // A worker that died is never the row's fault, however often it happens.
  maxStalledCount: 1_000_000,
};
