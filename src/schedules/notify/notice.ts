/** What can be told, in the words of `--notify-on`. */
export const NOTICE_KINDS = ["failed", "held", "rejected", "recovered", "done", "test"] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** One thing that people or programs are told. */
export interface Notice {
  kind: NoticeKind;
  about: "schedule" | "run";
  /** One sentence. */
  title: string;
  /** A sentence or fact each. */
  details: string[];
  /** For programs, goes out as it is: `run`, or `schedule` and `occasion`, as the command line gives them as JSON. */
  data: Record<string, unknown>;
  /** Epoch milliseconds. */
  at: number;
}

/** Of a heartbeat address: whoever watches it notices silence, too. */
export type HeartbeatStep = "start" | "success" | "fail";
