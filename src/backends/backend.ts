import type { Processor, Worker, WorkerOptions } from "bullmq";
import type { BudgetState } from "../budget/budget-state.ts";
import type { RunJob } from "../runs/run-home.ts";
import type { BackendError } from "./backend-error.ts";
import type { NotificationHome } from "../schedules/notify/notification-home.ts";
import type { ScheduleHome } from "../schedules/schedule-home.ts";

/**
 * Where the queues, the runs and the schedules live. One of `embedded` (PGlite in a folder), `redis`, `postgres`.
 * Everything above talks to this and never to a datastore.
 */
export interface Backend extends ScheduleHome, NotificationHome {
  kind: "embedded" | "redis" | "postgres";
  /** Things the operator should know (e.g. that the server may evict keys), a sentence each with a remedy. */
  warnings: string[];
  budget: BudgetState;
  /** False where another process owns the embedded folder: look and control only, its owner does the work. */
  canWork: boolean;
  /** What the datastore says of itself (it is full, busy, forbids something), in one line; null for any other error. */
  explain(error: unknown): BackendError | null;
  /** A BullMQ worker on one run's queue, not yet started (`autorun: false`). The caller closes it. */
  worker(runId: string, processor: Processor<RunJob>, options: Partial<WorkerOptions>): Worker<RunJob>;
  /** Closes every connection and releases the folder. Safe to call twice. */
  close(): Promise<void>;
}
