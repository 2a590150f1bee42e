import { Queue, type Job, type JobsOptions, type QueueOptions } from "bullmq";
import type { RowJob } from "../runs/run-home.ts";
import { queueDefaults, queueName } from "./queue-settings.ts";

/**
 * The queue of one run. Unlike BullMQ's own it writes nothing before a job is added, so that looking at a run that has ended,
 * or removing its queue, leaves nothing behind.
 */
export class RunQueue extends Queue<RowJob> {
  #introduced = false;

  /** `factory`: BullMQ's for PostgreSQL; left out for Redis. */
  constructor(runId: string, connection: unknown, more: { factory?: unknown; defaultJobOptions?: JobsOptions } = {}) {
    const { factory, ...defaults } = more;
    // BullMQ's types name the Redis backend wherever none is said; nothing above depends on which it is.
    const options = { ...queueDefaults, ...defaults, skipMetasUpdate: true, connection } as QueueOptions;
    super(queueName(runId), options, factory as undefined);
  }

  override async add(...[name, data, options]: Parameters<Queue<RowJob>["add"]>): Promise<Job<RowJob>> {
    await this.#introduce();
    return super.add(name, data, options);
  }

  override async addBulk(jobs: Parameters<Queue<RowJob>["addBulk"]>[0]): Promise<Job<RowJob>[]> {
    await this.#introduce();
    return super.addBulk(jobs);
  }

  /** Says how long the event stream may get. */
  async #introduce(): Promise<void> {
    if (!this.#introduced) await this.backend.setQueueMeta({ ...this.metaValues });
    this.#introduced = true;
  }
}
