import { createHash } from "node:crypto";
import { DelayedError, type Job, UnrecoverableError, type Worker } from "bullmq";
import type { Leases } from "../../runs/leases.ts";
import { isAtRest, isOver } from "../../runs/states.ts";
import type { DeliverOptions } from "./deliver.ts";
import type { AwaitedEnd, Message, NotificationHome, NotificationJob } from "./notification-home.ts";
import { type Environment, maskAddress, resolveAddress } from "./notify-address.ts";
import { noticeOfRun } from "./run-notice.ts";

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

/** How often it is looked whether a run has ended of which somebody wants to be told. */
export const LOOK_AT_RUN_EVERY_MS = 15 * SECOND;

/** How long an address that answered 410 is left alone; `notify test` that is accepted ends it. */
const OFF_FOR = 400 * 24 * HOUR;

export interface SenderOptions extends Omit<DeliverOptions, "now"> {
  home: NotificationHome;
  now?: () => number;
  /** Holds the addresses that are given as `env:NAME`. */
  environment: Environment;
  /** Told of each attempt that failed and each address that is switched off, in words that show no secret. */
  onError: (error: Error) => void;
  /** Default `RETRY_DELAYS`. */
  delays?: readonly number[];
  /** Default `LOOK_AT_RUN_EVERY_MS`. */
  lookAtRunEveryMs?: number;
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
    const done = Promise.withResolvers<void>();
    const timer = setTimeout(done.resolve, withinMs);
    let inHand = 0;
    let isDrained = false;
    const look = (): void => {
      if (isDrained && inHand === 0) done.resolve();
    };
    const worker = makeWorker(options, (change) => {
      inHand += change;
      look();
    });
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

/** `onHand`: told of each job that is taken up (1) and let go of (-1). */
function makeWorker(options: SenderOptions, onHand?: (change: 1 | -1) => void): Worker<NotificationJob> {
  const { home, onError, now = Date.now, delays = RETRY_DELAYS } = options;
  const worker = home.notificationWorker(
    async (job, token) => {
      onHand?.(1);
      try {
        const { what } = job.data;
        const because =
          what.kind === "run-end"
            ? await tellEnd(job, what, token, { ...options, now })
            : await attempt({ ...job.data, what }, { ...options, now });
        if (because === null) return;
        const left = (job.opts.attempts ?? 1) - (job.attemptsMade + 1);
        const error = `${describe(job.data)} to ${maskAddress(job.data.to)} was not accepted: ${because}`;
        onError(new Error(left > 0 ? `${error}; it is tried ${left} more times` : `${error}; given up`));
        throw new Error(because);
      } finally {
        onHand?.(-1);
      }
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

/** Tells of a run that is over or has come to rest; until it is over the job goes back into the queue. As `attempt`. */
async function tellEnd(
  job: Job<NotificationJob>,
  what: AwaitedEnd,
  token: string | undefined,
  options: SenderOptions & { now: () => number },
): Promise<string | null> {
  const { home, now, lookAtRunEveryMs = LOOK_AT_RUN_EVERY_MS } = options;
  const run = await home.runs.get(what.run);
  if (run === null) return null;
  const rests = isAtRest(run.state);
  if (rests && run.state !== what.told) {
    const notice = noticeOfRun(run, what.on, now());
    if (notice !== null) {
      const id = `${job.data.id}_${run.state}_${run.events.length}`;
      const because = await attempt({ ...job.data, id, what: { kind: "notice", notice } }, options);
      if (because !== null) return because;
    }
  }
  if (isOver(run.state)) return null;
  const told = rests ? run.state : null;
  if (told !== what.told) await job.updateData({ ...job.data, what: { ...what, told } });
  await job.moveToDelayed(now() + lookAtRunEveryMs, token);
  throw new DelayedError();
}

/** Null when it is done with; else why it may be tried again. */
async function attempt(job: Message, options: SenderOptions & { now: () => number }): Promise<string | null> {
  const { home, onError, now, environment } = options;
  const to = resolveAddress(job.to, environment);
  if (to === null) return "this environment variable is not set here";
  if ((await home.leases.owner(offName(to))) !== null) return null;
  const { deliver } = await import("./deliver.ts");
  const delivery = await deliver({ ...job, to }, options);
  switch (delivery.kind) {
    case "accepted":
      return null;
    case "gone":
      await home.leases.take(offName(to), `410 at ${new Date(now()).toISOString()}`, OFF_FOR);
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
  switch (what.kind) {
    case "heartbeat":
      return `the heartbeat (${what.step})`;
    case "run-end":
      return `the notification of run ${what.run}`;
    case "notice":
      return `the notification "${what.notice.title}"`;
  }
}
