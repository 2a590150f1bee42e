import { formatTime } from "../wording.ts";
import { cronTimes } from "./cron-times.ts";
import { parseDenyWindow } from "./deny-window.ts";
import { newOccasion, type Occasion } from "./occasion.ts";
import type { Schedule } from "./schedule.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A missed occasion that is older is not caught up any more. */
const CATCH_UP_MS = 12 * HOUR;
/** How long a due time waits for a process on the host of its file. */
const HOST_WAIT_MS = 10 * MINUTE;

/** What must be recorded of a schedule now, in one step. */
export interface Due {
  /** Occasions that end at once, with their reasons. */
  ended: Occasion[];
  /** The due time to carry out; null: none. */
  dueAt: number | null;
  askedBy: string | null;
  /** The schedule with these due times done. */
  schedule: Schedule;
}

/** What else decides whether something is begun. */
export interface Surroundings {
  now: number;
  /** This machine. */
  host: string;
  /** The running occasion of the account. */
  running: Pick<Occasion, "schedule" | "run"> | null;
}

/**
 * Works out what a schedule's clock asks for: of the times since the last look the newest is carried out, if it is not older
 * than twelve hours, and each other one has its reason. Null where there is nothing to do (yet).
 */
export function whatIsDue(schedule: Schedule, surroundings: Surroundings): Due | null {
  return askedFor(schedule, surroundings) ?? dueByClock(schedule, surroundings);
}

function askedFor(schedule: Schedule, { now, host, running }: Surroundings): Due | null {
  const { asked } = schedule;
  if (!asked || asked.dueAt > now || running !== null || deniedBy(schedule, now) !== null) return null;
  const done = { ...schedule, asked: null };
  const { host: sourceHost } = schedule.settings.source;
  if (sourceHost === null || sourceHost === host) {
    return { ended: [], dueAt: asked.dueAt, askedBy: asked.by, schedule: done };
  }
  if (now - asked.dueAt < HOST_WAIT_MS) return null;
  return { ended: [hostAbsent(schedule, asked.dueAt, now)], dueAt: null, askedBy: null, schedule: done };
}

function dueByClock(schedule: Schedule, { now, host, running }: Surroundings): Due | null {
  const { settings, lookedTo, pending, name, paused } = schedule;
  const { times: own, earlier } = cronTimes(settings.cron, settings.timeZone).between(lookedTo, now);
  const times = [...pending.filter((time) => time <= now), ...own].toSorted((a, b) => a - b);
  const newest = times.at(-1);
  if (newest === undefined) return null;

  const { host: sourceHost } = settings.source;
  const elsewhere = sourceHost !== null && sourceHost !== host;
  if (elsewhere && !paused && now - newest < HOST_WAIT_MS) return null;
  const othersTurn = running !== null && running.schedule !== name;
  if (othersTurn && !paused && now - newest <= CATCH_UP_MS) return null;

  const ended: Occasion[] = [];
  const end = (dueAt: number, state: "skipped" | "expired", reason: string, message: string): void => {
    ended.push(newOccasion({ schedule: name, dueAt, state, reason, message, at: now }));
  };
  const open: number[] = [];
  for (const time of times) {
    const denied = deniedBy(schedule, time);
    if (paused) end(time, "skipped", "paused", `paused by ${paused.by}: ${paused.reason}`);
    else if (denied !== null) end(time, "skipped", "not_during", `it is not to run during "${denied}"`);
    else open.push(time);
  }
  let dueAt = open.pop() ?? null;
  for (const time of open) end(time, "expired", "missed", "nobody was there to do it; only the newest is caught up");
  const deniedNow = deniedBy(schedule, now);
  if (dueAt !== null && now - dueAt > CATCH_UP_MS) {
    const why = othersTurn ? `schedule ${running.schedule} was not over` : "nobody was there to do it";
    end(dueAt, "expired", "missed", `${why} within twelve hours`);
    dueAt = null;
  } else if (dueAt !== null && deniedNow !== null) {
    end(dueAt, "skipped", "not_during", `it was ${formatTime(now)} when it could begin, which is in "${deniedNow}"`);
    dueAt = null;
  } else if (dueAt !== null && running !== null) {
    const before =
      running.run === null
        ? "the occasion before it is still being planned"
        : `run ${running.run} of the occasion before it is not over`;
    end(dueAt, "skipped", "overlap", before);
    dueAt = null;
  } else if (dueAt !== null && elsewhere) {
    ended.push(hostAbsent(schedule, dueAt, now));
    dueAt = null;
  }
  if (earlier && ended.length > 0) {
    const oldest = ended.reduce((a, b) => (a.dueAt < b.dueAt ? a : b));
    oldest.message += `; so did all due times since ${formatTime(lookedTo)}`;
  }
  return {
    ended,
    dueAt,
    askedBy: null,
    schedule: { ...schedule, pending: pending.filter((time) => time > now), lookedTo: Math.max(lookedTo, newest) },
  };
}

/** The due times up to now that have no occasion yet. */
export function openTimes({ settings, lookedTo, pending }: Schedule, now: number): number[] {
  return [...pending, ...cronTimes(settings.cron, settings.timeZone).between(lookedTo, now).times].toSorted(
    (a, b) => a - b,
  );
}

function hostAbsent({ name, settings }: Schedule, dueAt: number, at: number): Occasion {
  const { address, host } = settings.source;
  return newOccasion({
    schedule: name,
    dueAt,
    state: "failed",
    reason: "source_host_absent",
    message: `${address} is read on ${host}, and no process there took it up within ten minutes`,
    at,
  });
}

function deniedBy({ settings }: Schedule, time: number): string | null {
  const windows = settings.notDuring.map(parseDenyWindow);
  return windows.find((window) => window.covers(time, settings.timeZone))?.text ?? null;
}
