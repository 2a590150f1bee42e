import type { Job, JobsOptions, Queue, QueueOptions } from "bullmq";
import { bullmq } from "./bullmq.ts";
import type { OutageRetry } from "./outage-retry.ts";
import { queueDefaults } from "./queue-settings.ts";

/** Calls of ours that may be repeated: a job whose id is there already is not added again. */
const REPEATABLE = [
  "addBulk",
  "getJob",
  "getJobs",
  "getRanges",
  "getJobCounts",
  "getJobCountByTypes",
  "obliterate",
] as const;

/** Of jobs that carry `Data`, and give nothing back. */
type QueueOf<Data> = Queue<Data, void, string, Data, void, string>;

/**
 * A queue of jobs that carry `Data`. Unlike BullMQ's own it writes nothing before a job is added, so that looking at a run that
 * has ended, or removing its queue, leaves nothing behind.
 *
 * `factory`: BullMQ's for PostgreSQL; left out for Redis. `outageRetry`: calls that the server can't serve just now are repeated.
 */
export function makeQuietQueue<Data>(
  name: string,
  connection: unknown,
  more: { factory?: unknown; defaultJobOptions?: JobsOptions; outageRetry?: OutageRetry | undefined } = {},
): QueueOf<Data> {
  const { factory, outageRetry, ...defaults } = more;
  // BullMQ's types name the Redis backend wherever none is said; nothing above depends on which it is.
  const options = { ...queueDefaults, ...defaults, skipMetasUpdate: true, connection } as QueueOptions;
  const queue = new (quietQueue())<Data>(name, options, factory as undefined);
  if (outageRetry !== undefined) for (const method of REPEATABLE) repeat(queue, method, outageRetry);
  return queue;
}

function repeat<Data>(queue: QueueOf<Data>, name: (typeof REPEATABLE)[number], outageRetry: OutageRetry): void {
  const method = queue[name].bind(queue) as (...args: unknown[]) => Promise<unknown>;
  const repeated = async (...args: unknown[]): Promise<unknown> => outageRetry.call(async () => method(...args));
  Object.defineProperty(queue, name, { value: repeated });
}

function makeClass() {
  return class QuietQueue<Data> extends bullmq().Queue<Data, void, string, Data, void, string> {
    #introduced = false;

    override async add(name: string, data: Data, options?: JobsOptions): Promise<Job<Data, void>> {
      await this.#introduce();
      return super.add(name, data, options);
    }

    override async addBulk(jobs: Parameters<QueueOf<Data>["addBulk"]>[0]): Promise<Job<Data, void>[]> {
      await this.#introduce();
      return super.addBulk(jobs);
    }

    /** Says how long the event stream may get. */
    async #introduce(): Promise<void> {
      if (!this.#introduced) await this.backend.setQueueMeta({ ...this.metaValues });
      this.#introduced = true;
    }
  };
}

let made: ReturnType<typeof makeClass> | null = null;
const quietQueue = (): ReturnType<typeof makeClass> => (made ??= makeClass());
