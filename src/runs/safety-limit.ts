import { totalOf } from "./outcome.ts";
import type { Run, RunReason } from "./run.ts";

/** Nothing of the run was ever queued, so nothing was sent. */
export function isUnsent(run: Run): boolean {
  return run.events.every(({ what }) => what !== "queueing");
}

/** Why a run must not be sent, with the numbers; null when it changes no more entries than allowed. */
export function exceeded(run: Run, allowed: number | null): RunReason | null {
  const changes = run.rows - totalOf(run.outcomes);
  if (allowed === null || changes <= allowed) return null;
  return {
    code: "safety_limit",
    message: `the run would update ${changes} entries, and its limit is ${allowed}; nothing was sent`,
    changes,
  };
}

/** An absolute number, or a share of the registry's entries, rounded down. */
export type MaxChanges = { entries: number } | { percent: number };

/** Reads `200` or `30%`. Null when it is neither. */
export function parseMaxChanges(text: string): MaxChanges | null {
  const match = /^(\d{1,9})(?:\.(\d{1,3}))?\s*(%)?$/.exec(text.trim());
  if (!match) return null;
  if (match[3]) return { percent: Number.parseFloat(text) };
  return match[2] === undefined ? { entries: Number(match[1]) } : null;
}

/** Entries that may be updated in a registry of this size. */
export function allowedChanges(max: MaxChanges, registrySize: number): number {
  return "entries" in max ? max.entries : Math.floor((registrySize * max.percent) / 100);
}
