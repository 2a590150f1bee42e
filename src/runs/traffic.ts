import type { RequestKind } from "../registry/call.ts";

/** Requests by the minute, for as long as a dashboard draws them: a day. They are counted with `RunStore.addRequests`. */
export interface Traffic {
  /** Requests of a run, or of all runs of an account, from this time on (epoch milliseconds), in order of their minutes. */
  since(of: { runId: string } | { accountId: string }, from: number): Promise<TrafficCount[]>;
}

export const STATUS_CLASSES = ["2xx", "3xx", "4xx", "429", "5xx", "none"] as const;
/** How requests were answered; `none`: no whole answer came. */
export type StatusClass = (typeof STATUS_CLASSES)[number];

/** Requests of one kind that were answered alike, within one minute. */
export interface TrafficCount {
  /** Its beginning, epoch milliseconds. */
  minute: number;
  kind: RequestKind;
  status: StatusClass;
  requests: number;
}

export const MINUTE_MS = 60_000;
/** Older minutes are forgotten. */
export const KEPT_MS = 24 * 60 * MINUTE_MS;

/** `status`: of an HTTP answer; null where no whole answer came. */
export function statusClassOf(status: number | null): StatusClass {
  if (status === null) return "none";
  if (status === 429) return "429";
  return STATUS_CLASSES.find((name) => name.startsWith(String(Math.floor(status / 100)))) ?? "none";
}
