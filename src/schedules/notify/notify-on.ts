import type { OccasionState } from "../schedule-store.ts";
import type { NoticeKind } from "./notice.ts";

/** When somebody wants to be told. */
export interface NotifyOn {
  kinds: readonly Exclude<NoticeKind, "test">[];
  /** With `rejected`: a larger share of the rows than this, percent. */
  rejectedPercent: number;
  /** With `failed`: from this many failures in a row on, and then once. */
  failAfter: number;
}

const KINDS = ["failed", "held", "rejected", "recovered", "done"] as const;

/** What schedules tell where nothing else was asked for: everything but that all went well. */
export const DEFAULT_NOTIFY_ON: NotifyOn = {
  kinds: ["failed", "held", "rejected", "recovered"],
  rejectedPercent: 0,
  failAfter: 1,
};

/** `failed,held,rejected:5%,recovered,done`; null where the text is not of this form. */
export function parseNotifyOn(text: string, failAfter: number): NotifyOn | null {
  const kinds: (typeof KINDS)[number][] = [];
  let rejectedPercent = 0;
  for (const part of text.split(",").map((one) => one.trim())) {
    const [, kind, percent] = /^(\w+)(?::(\d{1,2}(?:\.\d+)?|100)%)?$/.exec(part) ?? [];
    if (kind === undefined || !isKind(kind) || (percent !== undefined && kind !== "rejected")) return null;
    kinds.push(kind);
    if (percent !== undefined) rejectedPercent = Number(percent);
  }
  return { kinds, rejectedPercent, failAfter };
}

function isKind(word: string): word is (typeof KINDS)[number] {
  return (KINDS as readonly string[]).includes(word);
}

/** What is looked at of an occasion to tell whether it is news. */
export interface Outcome {
  state: OccasionState;
  /** Why it is held; another reason is news. */
  reason: string | null;
  rows: number;
  rejected: number;
}

/**
 * What is to be told of an occasion that just ended: each failure streak, hold and recovery once.
 * @param before the schedule's earlier occasions, the newest first; as far back as the last that was neither failed nor held is enough
 */
export function noticesFor(
  now: Outcome,
  before: readonly Pick<Outcome, "state" | "reason">[],
  on: NotifyOn,
): NoticeKind[] {
  const earlier = before.filter(({ state }) => state !== "skipped" && state !== "expired" && state !== "running");
  const failures = streakOf(earlier, "failed");
  const last = earlier[0];
  const isWell = now.state === "done" || now.state === "in_sync" || now.state === "drift";
  const share = now.rows === 0 ? 0 : (100 * now.rejected) / now.rows;
  const news: Record<(typeof KINDS)[number], boolean> = {
    failed: now.state === "failed" && failures + 1 === on.failAfter,
    held: now.state === "held" && !(last?.state === "held" && last.reason === now.reason),
    rejected: isWell && now.rejected > 0 && share > on.rejectedPercent,
    recovered: isWell && (failures >= on.failAfter || last?.state === "held"),
    done: isWell,
  };
  return KINDS.filter((kind) => on.kinds.includes(kind) && news[kind]);
}

function streakOf(occasions: readonly { state: OccasionState }[], state: OccasionState): number {
  const end = occasions.findIndex((one) => one.state !== state);
  return end < 0 ? occasions.length : end;
}
