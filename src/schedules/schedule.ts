import type { ReadOptions } from "../changes/source.ts";
import type { LintOptions } from "../plan/lint/lint.ts";
import type { FieldValue, UpdatableField } from "../registry/entry.ts";
import type { NotifyOn } from "./notify/notify-on.ts";
import type { Receivers } from "./notify/notifier.ts";
import { ScheduleError } from "./schedule-error.ts";
import type { KeptSchedule, ScheduleStore } from "./schedule-store.ts";

/** The form of a schedule's document that this version writes; it reads no newer one. */
const FORMAT = 1;

/** What somebody asked for; `schedule add --replace` replaces it. Times are milliseconds, shares are percent. */
export interface ScheduleSettings {
  accountId: string;
  source: {
    /** An absolute path or an https address. */
    address: string;
    /** The host where a file can be read; null: anywhere. */
    host: string | null;
    read: ReadOptions;
    /** Name of the environment variable that holds the bearer token of an https source. */
    tokenFrom: string | null;
  };
  cron: string;
  /** IANA name. */
  timeZone: string;
  /** Windows in which nothing is begun (deny-window.ts). */
  notDuring: string[];
  /** Plans only. */
  dryRun: boolean;
  onDrift: OnDrift;
  limits: Limits;
  /** What is expected of new addresses. */
  lint: LintOptions;
  /** Who is told what; null: nobody. */
  notify: (Receivers & { on: NotifyOn }) | null;
  /** Absolute; each run's report goes into a folder in it. */
  reportDir: string;
}

export const ON_DRIFT = ["fix", "report", "hold"] as const;
/** What becomes of values that somebody changed in the registry: put right, told, or held. */
export type OnDrift = (typeof ON_DRIFT)[number];

/** What one occasion may do without somebody's approval. Null: no such limit. */
export interface Limits {
  /** Entries that one occasion may change. */
  changes: number | null;
  /** Share of the registry (of at least ten entries) that one occasion may change. */
  changesPercent: number | null;
  /** Share of the registry (of at least ten entries) that may change in seven days. */
  weekPercent: number;
  /** How much smaller than the largest of the last seven accepted ones the source may be. */
  shrinkPercent: number;
  /** A source that has not changed for longer is held; null: never. */
  staleAfterMs: number | null;
}

/** Of a schedule for which nothing else was asked. */
export const DEFAULT_LIMITS: Limits = {
  changes: null,
  changesPercent: 20,
  weekPercent: 50,
  shrinkPercent: 20,
  staleAfterMs: null,
};

/** A schedule with all that it remembers. Times are epoch milliseconds. */
export interface Schedule {
  name: string;
  settings: ScheduleSettings;
  createdAt: number;
  createdBy: string;
  /** Due times up to here have their occasion. */
  lookedTo: number;
  /** Due times of an earlier pattern that have no occasion yet, in order. */
  pending: number[];
  /** An occasion that a person asked for. */
  asked: { dueAt: number; by: string; why: "run-now" | "approved" } | null;
  paused: Decision | null;
  held: Held | null;
  approved: (Decision & { digest: string }) | null;
  rejected: (Decision & { digest: string }) | null;
  /** Sizes of the last accepted sources, the newest first. */
  acceptedSources: SourceSize[];
  /** When the source's content changed last, as far as was seen. */
  sourceSeen: { sha256: string; since: number } | null;
  /** Entries changed by occasions of the last seven days. */
  sent: { dueAt: number; changes: number }[];
  /** Differences that somebody took out of the alarm. */
  acceptedDifferences: AcceptedDifference[];
  /** When an occasion last ended with list and registry agreeing, epoch milliseconds; left out: none did yet. */
  lastSuccessAt?: number;
  /** Occasions that failed since one that did not. */
  failures: number;
}

/** Who decided something, when, and why. */
export interface Decision {
  at: number;
  by: string;
  reason: string;
}

/** How large a list was that was accepted; a later one is held against it. */
export interface SourceSize {
  at: number;
  rows: number;
  /** Rows without a problem. */
  usable: number;
}

/** Why nothing is sent until somebody decides, or until the cause is gone. */
export interface Held {
  /** A stable word, e.g. `max_changes`. */
  reason: string;
  message: string;
  /** Of the plan that can be approved; null where the source could not be planned. */
  digest: string | null;
  since: number;
  /** Numbers of the rows that caused it; the first thousand. */
  rows: number[];
  /** The first of them in words. */
  shown: string[];
}

/** A difference that somebody took out of the alarm, until a date. */
export interface AcceptedDifference extends Decision {
  entryId: string;
  email: string;
  /** Epoch milliseconds. */
  until: number;
  fields: { [F in UpdatableField]?: { found: FieldValue; listed: FieldValue } };
}

/** Who is said to have paused a schedule whose hold nobody decided on. */
export const ITSELF = "bulkpatch";

export type ScheduleState = "active" | "paused" | "held";

/** `paused` also where it is held as well. */
export function stateOf(schedule: Schedule): ScheduleState {
  if (schedule.paused) return "paused";
  return schedule.held ? "held" : "active";
}

/** A schedule as it was read, with the version that a change of it must name. */
export interface ReadSchedule {
  schedule: Schedule;
  version: number;
}

/** Throws ScheduleError `schedule_newer` for a document that a newer version wrote. */
export function decodeSchedule({ name, version, document }: KeptSchedule): ReadSchedule {
  const { format, ...schedule } = JSON.parse(document) as Schedule & { format: number };
  if (format > FORMAT) {
    throw new ScheduleError(
      "schedule_newer",
      `schedule ${name} was written by a newer version of bulkpatch (format ${format}, this one knows ${FORMAT}), and was left as it is`,
      { schedule: name },
    );
  }
  return { schedule, version };
}

/** As `decodeSchedule`, for who goes on with the others: answers the error. */
export function tryToDecode(kept: KeptSchedule): Schedule | ScheduleError {
  try {
    return decodeSchedule(kept).schedule;
  } catch (error) {
    if (error instanceof ScheduleError) return error;
    throw error;
  }
}

/** As `decodeSchedule` reads it. */
export function encodeSchedule(schedule: Schedule): string {
  return JSON.stringify({ format: FORMAT, ...schedule });
}

/** Throws ScheduleError `schedule_not_found` and `schedule_newer`. */
export async function findSchedule(store: ScheduleStore, name: string): Promise<ReadSchedule> {
  const kept = await store.get(name);
  if (kept) return decodeSchedule(kept);
  const names = (await store.list()).map((one) => one.name);
  throw new ScheduleError("schedule_not_found", `there is no schedule "${name}"`, { schedule: name, names });
}

/**
 * Changes a schedule, whatever others do to it meanwhile: `change` gets the schedule as it is and answers what it becomes; it is
 * called again when somebody else was faster. Answers the schedule as it is then.
 */
export async function changeSchedule(
  store: ScheduleStore,
  name: string,
  change: (schedule: Schedule) => Schedule,
): Promise<Schedule> {
  for (;;) {
    const { schedule, version } = await findSchedule(store, name);
    const next = change(schedule);
    const { accountId } = next.settings;
    if ((await store.step({ name, version, document: encodeSchedule(next), accountId })) === "done") return next;
  }
}
