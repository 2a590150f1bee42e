import type { Processor, Queue, Worker, WorkerOptions } from "bullmq";
import type { Leases } from "../../runs/leases.ts";
import type { RunStore } from "../../runs/run-store.ts";
import type { RunState } from "../../runs/run.ts";
import type { HeartbeatStep, Notice } from "./notice.ts";
import type { NotifyOn } from "./notify-on.ts";

/** One thing to tell to one address. It may hold a secret: the address, where that is not given as `env:NAME`. */
export interface Message {
  /** The same in each attempt, so that a receiver can tell a repetition (`webhook-id`). */
  id: string;
  /** An address, or `env:NAME`: the variable that holds it where it is sent. */
  to: string;
  /** Also an address inside a private network, or a plain http one. */
  allowPrivateAddress: boolean;
  what: { kind: "notice"; notice: Notice } | { kind: "heartbeat"; step: HeartbeatStep; text: string };
}

/** A run whose end is to be told. */
export interface AwaitedEnd {
  kind: "run-end";
  run: string;
  on: NotifyOn;
  /** The state of rest that was told already. */
  told: RunState | null;
}

/** The payload of one BullMQ job: a message, or one that waits in the queue until its run is over and is made then. */
export type NotificationJob = Omit<Message, "what"> & { what: Message["what"] | AwaitedEnd };

/** Where notifications wait to be sent, and what is remembered of addresses. A backend is one, with more besides. */
export interface NotificationHome {
  /** The address or folder of the backend, without a password: safe to print. */
  address: string;
  leases: Leases;
  /** Of which it may be told how they ended. */
  runs: RunStore;
  /** The BullMQ queue of notifications. The caller closes it. */
  notifications(): Queue<NotificationJob>;
  /** A BullMQ worker on it, not yet started (`autorun: false`). The caller closes it. */
  notificationWorker(processor: Processor<NotificationJob>, options: Partial<WorkerOptions>): Worker<NotificationJob>;
}
