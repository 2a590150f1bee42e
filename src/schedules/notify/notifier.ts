import { randomUUID } from "node:crypto";
import type { HeartbeatStep, Notice } from "./notice.ts";
import type { NotificationHome, NotificationJob } from "./notification-home.ts";
import { RETRY_DELAYS } from "./sender.ts";

/** How long a notification may take to get into the queue before it is given up: nothing waits longer for it. */
const ENQUEUE_MS = 5_000;

/** Where somebody wants to be told. */
export interface Receivers {
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
  close(): Promise<void>;
}

export interface NotifierOptions {
  home: NotificationHome;
  /** Told where something could not be put into the queue. */
  onError: (error: Error) => void;
}

export function createNotifier({ home, onError }: NotifierOptions): Notifier {
  const queue = home.notifications();
  queue.on("error", onError);

  async function enqueue(jobs: NotificationJob[], attempts: number): Promise<void> {
    if (jobs.length === 0) return;
    const added = queue.addBulk(
      jobs.map((data) => ({
        name: data.what.kind,
        data,
        opts: { jobId: data.id, attempts, backoff: { type: "webhook" } },
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
    close: () => queue.close(),
  };
}

function newId(): string {
  return `msg_${randomUUID()}`;
}
