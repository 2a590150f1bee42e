import { randomUUID } from "node:crypto";
import type { HeartbeatStep, Notice } from "./notice.ts";
import type { NotificationHome, NotificationJob } from "./notification-home.ts";
import type { NotifyOn } from "./notify-on.ts";
import { LOOK_AT_RUN_EVERY_MS, RETRY_DELAYS } from "./sender.ts";

/** How long a notification may take to get into the queue before it is given up: nothing waits longer for it. */
const ENQUEUE_MS = 5_000;

/** Where somebody wants to be told. */
export interface Receivers {
  /** Or `env:NAME`, for the variable that holds it where it is sent. */
  addresses: readonly string[];
  /** healthchecks.io's form: `…/start`, the address itself, `…/fail`. */
  heartbeat: string | null;
  allowPrivateAddress: boolean;
}

/** Never throws and never waits for a receiver: what is told is put into a queue, and sent by whoever runs a sender (sender.ts). */
export interface Notifier {
  notify(notice: Notice, to: Receivers): Promise<void>;
  /** `text`: a line for whoever looks into the log of the heartbeat. */
  heartbeat(step: HeartbeatStep, text: string, to: Receivers): Promise<void>;
  /**
   * Notes where a run's end is to be told, whoever carries it out and ends it: the note waits in the queue, and is looked at by
   * whoever runs a sender. Also told is that it rests, each time it comes to rest.
   */
  tellEndOf(runId: string, to: Receivers & { on: NotifyOn }): Promise<void>;
  /** Lets the notes of a run be looked at by the next sender at once; false where there are none. */
  hurry(runId: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface NotifierOptions {
  home: NotificationHome;
  /** Told where something could not be put into the queue. */
  onError: (error: Error) => void;
}

/** Puts notifications into the backend's queue; a sender takes them from there. The caller closes it. */
export function createNotifier({ home, onError }: NotifierOptions): Notifier {
  const queue = home.notifications();
  queue.on("error", onError);

  async function enqueue(jobs: NotificationJob[], attempts: number, delay = 0): Promise<void> {
    if (jobs.length === 0) return;
    const added = queue.addBulk(
      jobs.map((data) => ({
        name: data.what.kind,
        data,
        opts: { jobId: data.id, attempts, delay, backoff: { type: "webhook" } },
      })),
    );
    const tooLong = Promise.withResolvers<never>();
    const timer = setTimeout(() => tooLong.reject(new Error("the backend did not take it in time")), ENQUEUE_MS);
    try {
      await Promise.race([added, tooLong.promise]);
    } catch (error) {
      added.catch(() => undefined);
      onError(new Error(`a notification was lost: ${(error as Error).message}`, { cause: error }));
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    notify: (notice, { addresses, allowPrivateAddress }) =>
      enqueue(
        addresses.map((to) => ({ id: newId(), to, allowPrivateAddress, what: { kind: "notice", notice } })),
        RETRY_DELAYS.length + 1,
      ),
    // A heartbeat that is late says something that is no longer so.
    heartbeat: (step, text, { heartbeat: to, allowPrivateAddress }) =>
      enqueue(
        to === null ? [] : [{ id: newId(), to, allowPrivateAddress, what: { kind: "heartbeat", step, text } }],
        step === "start" ? 1 : 3,
      ),
    tellEndOf: (run, { addresses, allowPrivateAddress, on }) =>
      enqueue(
        addresses.map((to, n) => ({
          id: endId(run, n),
          to,
          allowPrivateAddress,
          what: { kind: "run-end", run, on, told: null },
        })),
        RETRY_DELAYS.length + 1,
        LOOK_AT_RUN_EVERY_MS,
      ),
    hurry: async (run) => {
      for (let n = 0; ; n += 1) {
        const job = await queue.getJob(endId(run, n));
        if (!job) return n > 0;
        if (await job.isDelayed()) await job.promote().catch(() => undefined); // a sender has it by now
      }
    },
    close: () => queue.close(),
  };
}

/** Of the note for the nth address. */
function endId(run: string, n: number): string {
  return `end_${run}_${n}`;
}

function newId(): string {
  return `msg_${randomUUID()}`;
}
