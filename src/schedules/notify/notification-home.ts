import type { Processor, Queue, Worker, WorkerOptions } from "bullmq";
import type { Leases } from "../../runs/leases.ts";
import type { HeartbeatStep, Notice } from "./notice.ts";

/** The payload of one BullMQ job: one thing to tell to one address. It may hold a secret: the address. */
export interface NotificationJob {
  /** The same in each attempt, so that a receiver can tell a repetition (`webhook-id`). */
  id: string;
  to: string;
  /** Also an address inside a private network, or a plain http one. */
  allowPrivateAddress: boolean;
  what: { kind: "notice"; notice: Notice } | { kind: "heartbeat"; step: HeartbeatStep; text: string };
}

/** Where notifications wait to be sent, and what is remembered of addresses. A backend is one, with more besides. */
export interface NotificationHome {
  /** The address or folder of the backend, without a password: safe to print. */
  address: string;
  leases: Leases;
  /** The BullMQ queue of notifications. The caller closes it. */
  notifications(): Queue<NotificationJob>;
  /** A BullMQ worker on it, not yet started (`autorun: false`). The caller closes it. */
  notificationWorker(processor: Processor<NotificationJob>, options: Partial<WorkerOptions>): Worker<NotificationJob>;
}
