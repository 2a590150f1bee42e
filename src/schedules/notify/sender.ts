import { createHash } from "node:crypto";
import { UnrecoverableError, type Worker } from "bullmq";
import type { Leases } from "../../runs/leases.ts";
import { deliver, type DeliverOptions } from "./deliver.ts";
import type { NotificationHome, NotificationJob } from "./notification-home.ts";
import { maskAddress } from "./notify-address.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Pauses before each further attempt; the first is at once. Source: Standard Webhooks 1.0, "Deliverability and reliability". */
export const RETRY_DELAYS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** How long an address that answered 410 is left alone; `notify test` that is accepted ends it. */
const OFF_FOR = 400 * 24 * HOUR;

export interface SenderOptions extends Omit<DeliverOptions, "now"> {
  home: NotificationHome;
  now?: () => number;
  /** Told of each attempt that failed and each address that is switched off, in words that show no secret. */
  onError: (error: Error) => void;
  /** Default `RETRY_DELAYS`. */
  delays?: readonly number[];
}

/**
 * Sends what waits in the queue of notifications, several at a time, until it is closed. Any process may run one; several share
 * the work. What was not accepted waits in the queue for its next attempt, whoever is alive then.
 */
export function startSender(options: SenderOptions): { close(): Promise<void> } {
  const worker = makeWorker(options);
  worker.run().catch(options.onError);
  return { close: () => worker.close() };
}

/**
 * Sends what waits now, for a process that ends soon: each notification is tried once, `withinMs` at the most (default 25 s). What
 * was not accepted stays in the queue.
 */
export async function sendWaiting(options: SenderOptions, withinMs = 25_000): Promise<void> {
  const queue = options.home.notifications();
  try {
    if ((await queue.getJobCountByTypes("waiting", "active", "delayed")) === 0) return;
    const worker = makeWorker(options);
    const done = Promise.withResolvers<void>();
    const timer = setTimeout(done.resolve, withinMs);
    let inHand = 0;
    let isDrained = false;
    const look = (): void => {
      if (isDrained && inHand === 0) done.resolve();
    };
    worker.on("active", () => (inHand += 1));
    for (const ended of ["completed", "failed"] as const) {
      worker.on(ended, () => {
        inHand -= 1;
        look();
      });
    }
    worker.on("drained", () => {
      isDrained = true;
      look();
    });
    worker.run().catch(options.onError);
    await done.promise;
    clearTimeout(timer);
    await worker.close();
  } finally {
    await queue.close();
  }
}

function makeWorker(options: SenderOptions): Worker<NotificationJob> {
  const { home, onError, now = Date.now, delays = RETRY_DELAYS } = options;
  const worker = home.notificationWorker(
    async (job) => {
      const because = await attempt(job.data, { ...options, now });
      if (because === null) return;
      const left = (job.opts.attempts ?? 1) - (job.attemptsMade + 1);
      const error = `${describe(job.data)} to ${maskAddress(job.data.to)} was not accepted: ${because}`;
      onError(new Error(left > 0 ? `${error}; it is tried ${left} more times` : `${error}; given up`));
      throw new Error(because);
    },
    {
      concurrency: 4,
      lockDuration: MINUTE,
      // A notification of a process that died may wait a minute; looking for it more often would cost an idle one.
      stalledInterval: MINUTE / 2,
      settings: { backoffStrategy: (attemptsMade) => delays[attemptsMade - 1] ?? delays.at(-1)! },
    },
  );
  return worker.on("error", onError);
}

/** Null when it is done with; else why it may be tried again. */
async function attempt(job: NotificationJob, options: SenderOptions & { now: () => number }): Promise<string | null> {
  const { home, onError, now } = options;
  if ((await home.leases.owner(offName(job.to))) !== null) return null;
  const delivery = await deliver(job, options);
  switch (delivery.kind) {
    case "accepted":
      return null;
    case "gone":
      await home.leases.take(offName(job.to), `410 at ${new Date(now()).toISOString()}`, OFF_FOR);
      onError(
        new Error(
          `${maskAddress(job.to)} answered 410: nothing more is sent there until \`bulkpatch notify test\` is accepted by it`,
        ),
      );
      return null;
    case "refused":
      onError(new Error(`${describe(job)} to ${maskAddress(job.to)} can't be sent: ${delivery.because}`));
      throw new UnrecoverableError(delivery.because);
    case "failed":
      return delivery.because;
  }
}

/** Lets an address that answered 410 be used again. */
export async function switchOn(leases: Leases, address: string): Promise<void> {
  const owner = await leases.owner(offName(address));
  if (owner !== null) await leases.release(offName(address), owner);
}

function offName(address: string): string {
  return `notify-off:${createHash("sha256").update(address).digest("hex")}`;
}

function describe({ what }: NotificationJob): string {
  return what.kind === "heartbeat" ? `the heartbeat (${what.step})` : `the notification "${what.notice.title}"`;
}
