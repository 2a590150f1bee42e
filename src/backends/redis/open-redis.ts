import type { Processor, Worker, WorkerOptions } from "bullmq";
import type { RedisOptions } from "ioredis";
import type { Backend } from "../backend.ts";
import type { RunJob } from "../../runs/run-home.ts";
import type { NotificationJob } from "../../schedules/notify/notification-home.ts";
import { withoutPassword } from "../address.ts";
import type { BackendError } from "../backend-error.ts";
import { bullmq } from "../bullmq.ts";
import type { BackendLogger } from "../logger.ts";
import { reportOutages } from "../outages.ts";
import { OutageRetry } from "../outage-retry.ts";
import { NOTIFICATIONS_QUEUE, queueName, workerDefaults } from "../queue-settings.ts";
import { makeQuietQueue } from "../quiet-queue.ts";
import { RedisBudgetState } from "./budget-state.ts";
import { RedisCommands } from "./commands.ts";
import { connectRedis, disconnectRedis } from "./connect.ts";
import { explainRedis, isLost } from "./errors.ts";
import { checkServer } from "./server-info.ts";
import { redisStores } from "./stores.ts";

/** A server that takes commands and answers none for so long counts as gone. BullMQ waits for a job for 10 s at most. */
const socketTimeout = 20_000;
/** For the store: a command fails when the connection breaks, so that it is repeated under our own clock (outage-retry.ts). */
const STORE: RedisOptions = {
  socketTimeout,
  maxRetriesPerRequest: 0,
  // While Redis loads its data a command is repeated, too; ioredis would ask INFO, and say on standard error where it may not.
  enableReadyCheck: false,
  // No automatic pipelining: our callers gather what comes together, and it costs more than it saves.
};
/** How long a Redis that is not ready is waited for when it is opened. */
const OPEN_MS = 5_000;
/** For BullMQ, which waits for Redis however long it is away. */
const QUEUES: RedisOptions = { socketTimeout, maxRetriesPerRequest: null };

/**
 * Opens the backend on a Redis server. It has two connections, and one more for each worker that waits for jobs.
 *
 * While Redis is away, calls of the store and the budget are repeated for a minute and then fail; BullMQ's wait until it is
 * back, as its workers must.
 */
export async function openRedis(url: string, logger: BackendLogger): Promise<Backend> {
  const address = withoutPassword(url);
  const onError = reportOutages(address, logger, isLost);
  const store = await connectRedis(url, STORE, onError);
  try {
    const explain = (error: unknown): BackendError | null => explainRedis(address, error);
    const opening = new OutageRetry({ address, isLost, explain, forMs: OPEN_MS });
    const { warnings, evicts } = await opening.call(async () => checkServer(store, address));
    const queues = await connectRedis(url, QUEUES, onError);
    const outageRetry = new OutageRetry({ address, isLost, explain });
    const commands = new RedisCommands(store, outageRetry);
    const worker = <Data>(name: string, processor: Processor<Data>, options: Partial<WorkerOptions>): Worker<Data> =>
      new (bullmq().Worker)<Data>(name, processor, { ...workerDefaults, ...options, connection: queues }).on(
        "error",
        onError,
      );
    let closed: Promise<void> | null = null;
    return {
      kind: "redis",
      address,
      warnings,
      evicts,
      ...redisStores(commands),
      budget: new RedisBudgetState(commands),
      canWork: true,
      explain,
      queue: (runId) => makeQuietQueue<RunJob>(queueName(runId), queues, { outageRetry }).on("error", onError),
      worker: (runId, processor, options) => worker(queueName(runId), processor, options),
      notifications: () =>
        makeQuietQueue<NotificationJob>(NOTIFICATIONS_QUEUE, queues, { outageRetry }).on("error", onError),
      notificationWorker: (processor, options) => worker(NOTIFICATIONS_QUEUE, processor, options),
      close: () =>
        (closed ??= (async () => {
          outageRetry.close();
          disconnectRedis(store);
          disconnectRedis(queues);
        })()),
    };
  } catch (error) {
    store.disconnect();
    throw error;
  }
}
