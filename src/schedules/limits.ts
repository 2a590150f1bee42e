import type { FieldValue } from "../registry/entry.ts";
import { countOf, formatCount, formatShare } from "../wording.ts";
import type { Assessment, PendingUpdate } from "./assess.ts";
import type { Held, Schedule } from "./schedule.ts";

const DAY = 24 * 60 * 60_000;
export const WEEK_MS = 7 * DAY;
/** A share is taken of at least so many entries, so that a small registry can change at all. */
const LEAST = 10;
/** Row numbers and described rows that are kept of a cause. */
const MOST_ROWS = 1_000;
const MOST_SHOWN = 20;

/** Why a plan must not be sent without somebody's approval, and the rows that caused it. */
export type Objection = Pick<Held, "reason" | "message" | "rows" | "shown">;

/** All that speaks against sending this plan now, the gravest first. */
export function objections(schedule: Schedule, assessment: Assessment, now: number): Objection[] {
  return [
    sizeOf(schedule, assessment),
    swapped(assessment),
    tooMany(schedule, assessment),
    tooManyInAWeek(schedule, assessment, now),
    drifted(schedule, assessment),
  ].filter((objection) => objection !== null);
}

function sizeOf({ acceptedSources, settings }: Schedule, { counts, usable, unusable }: Assessment): Objection | null {
  const { shrinkPercent } = settings.limits;
  for (const [now, before, what, rows] of [
    [counts.rows, Math.max(0, ...acceptedSources.map((size) => size.rows)), "rows", []],
    [usable, Math.max(0, ...acceptedSources.map((size) => size.usable)), "usable rows", unusable],
  ] as const) {
    if (now < before * (1 - shrinkPercent / 100)) {
      return objection(
        "source_shrunken",
        `the source has ${formatCount(now)} ${what} and had ${formatCount(before)} among the last seven accepted ones: ${formatShare(before - now, before)} less, and the limit is ${shrinkPercent}%`,
        rows,
      );
    }
  }
  return null;
}

/** Where both name and address become another person's, it is usually a key that was used again. */
function swapped({ updates }: Assessment): Objection | null {
  const swaps = updates.filter(({ changes: { name, email } }) => isOther(name) && isOther(email));
  if (swaps.length === 0) return null;
  return objection(
    "identity_swap",
    `${countOf(swaps.length, "entry", "entries")} would get another name and another e-mail address at once`,
    swaps,
  );
}

function isOther(change: { from: FieldValue; to: FieldValue } | undefined): boolean {
  return change !== undefined && plain(change.from) !== plain(change.to);
}

function plain(value: FieldValue): string {
  return `${value ?? ""}`.normalize("NFKC").trim().replaceAll(/\s+/g, " ").toLowerCase();
}

function tooMany({ settings: { limits } }: Schedule, { updates, counts }: Assessment): Objection | null {
  const share = limits.changesPercent === null ? null : shareOf(counts.registry, limits.changesPercent);
  const allowed = Math.min(limits.changes ?? Number.POSITIVE_INFINITY, share ?? Number.POSITIVE_INFINITY);
  if (updates.length <= allowed) return null;
  const by = allowed === limits.changes ? "" : ` (${limits.changesPercent}%)`;
  return objection(
    "max_changes",
    `${countOf(updates.length, "entry", "entries")} of ${formatCount(counts.registry)} would change, and the limit is ${formatCount(allowed)}${by}`,
    updates,
  );
}

/** While it is held for this, the seven days stand still: waiting alone must not let it through. */
function tooManyInAWeek(schedule: Schedule, { updates, counts }: Assessment, now: number): Objection | null {
  const { held, sent, settings } = schedule;
  if (updates.length === 0) return null;
  const since = (held?.since ?? now) - WEEK_MS;
  const before = sent.filter(({ dueAt }) => dueAt > since).reduce((sum, { changes }) => sum + changes, 0);
  const allowed = shareOf(counts.registry, settings.limits.weekPercent);
  if (before + updates.length <= allowed) return null;
  return objection(
    "max_changes_week",
    `${countOf(updates.length, "entry", "entries")} would change after ${formatCount(before)} in the seven days before, and the limit is ${formatCount(allowed)} of ${formatCount(counts.registry)} (${settings.limits.weekPercent}%)`,
    updates,
  );
}

function drifted({ settings }: Schedule, { updates }: Assessment): Objection | null {
  if (settings.onDrift !== "hold") return null;
  const rows = updates.filter((update) => update.drifted);
  if (rows.length === 0) return null;
  return objection(
    "drift",
    `${countOf(rows.length, "entry", "entries")} were changed in the registry since the schedule last applied them`,
    rows,
  );
}

function shareOf(registry: number, percent: number): number {
  return Math.floor((Math.max(registry, LEAST) * percent) / 100);
}

/** `rows`: those that are the cause; the first of them are described. */
export function objection(
  reason: string,
  message: string,
  rows: readonly Pick<PendingUpdate, "row" | "text">[] = [],
): Objection {
  return {
    reason,
    message,
    rows: rows.slice(0, MOST_ROWS).map(({ row }) => row),
    shown: rows.slice(0, MOST_SHOWN).map(({ text }) => text),
  };
}
