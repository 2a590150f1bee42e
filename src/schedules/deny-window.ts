import { SettingsError } from "./settings-error.ts";

/*
 * Windows in which no reconciliation is begun, in the schedule's time zone; each is days, times, or both:
 *   mon-fri 08:00-18:00 · sat,sun · 22:00-04:00 · day 28-31 · day 28-3 08:00-12:00 · 2026-12-20..2027-01-06
 * Times are from (included) to (not included) and may pass midnight; they then belong to the day on which they begin.
 */

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const DAY = 24 * 60;

/** A time in which no reconciliation is begun. `time`: epoch milliseconds. */
export interface DenyWindow {
  text: string;
  covers(time: number, timeZone: string): boolean;
}

/** Throws SettingsError `bad_not_during`. */
export function parseDenyWindow(text: string): DenyWindow {
  const refuse = (): never => {
    throw new SettingsError(
      "bad_not_during",
      `the time to keep away from: expected days, times or both, found "${text}"`,
    );
  };
  const words = text.trim().toLowerCase().split(/\s+/);
  const times = /^\d/.test(words.at(-1)!) && words.at(-1)!.includes(":") ? words.pop()! : null;
  const [from, to] = times === null ? [0, DAY] : (parseTimes(times) ?? refuse());
  const isDay = parseDays(words) ?? refuse();
  return {
    text,
    covers: (time, timeZone) => {
      const { minute, ...today } = localParts(time, timeZone);
      if (from < to) return isDay(today) && minute >= from && minute < to;
      // Late on the day before, also where the clocks changed in between: no change is of more than two hours.
      const yesterday = localParts(time - (minute + 120) * 60_000, timeZone);
      return (isDay(today) && minute >= from) || (isDay(yesterday) && minute < to);
    },
  };
}

interface LocalDay {
  /** 0: Sunday. */
  weekday: number;
  day: number;
  /** `2026-11-25`. */
  date: string;
}

type IsDay = (day: LocalDay) => boolean;

function parseTimes(text: string): [number, number] | null {
  const match = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(text);
  if (!match) return null;
  const [h1, m1, h2, m2] = match.slice(1).map(Number) as [number, number, number, number];
  const from = h1 * 60 + m1;
  const to = h2 * 60 + m2;
  return m1 < 60 && m2 < 60 && from < DAY && to <= DAY && from !== to ? [from, to] : null;
}

function parseDays(words: string[]): IsDay | null {
  if (words.length === 0) return () => true;
  const [first, second] = words as [string, string?];
  if (words.length === 2 && first === "day") return parseDaysOfMonth(second!);
  if (words.length > 1) return null;
  const dates = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/.exec(first);
  if (dates) return dates[1]! <= dates[2]! ? ({ date }) => date >= dates[1]! && date <= dates[2]! : null;
  return parseWeekdays(first);
}

function parseDaysOfMonth(text: string): IsDay | null {
  const match = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(text);
  if (!match) return null;
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  if (from < 1 || to < 1 || from > 31 || to > 31) return null;
  return ({ day }) => isBetween(day, from, to);
}

function parseWeekdays(text: string): IsDay | null {
  const ranges = text.split(",").map((part) => part.split("-").map((name) => WEEKDAYS.indexOf(name.slice(0, 3))));
  if (ranges.some((range) => range.length > 2 || range.includes(-1))) return null;
  return ({ weekday }) => ranges.some(([from, to]) => isBetween(weekday, from!, to ?? from!));
}

/** Of a circle, so that `fri-mon` and `28-3` are what they say. */
function isBetween(value: number, from: number, to: number): boolean {
  return from <= to ? value >= from && value <= to : value >= from || value <= to;
}

function localParts(time: number, timeZone: string): LocalDay & { minute: number } {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", {
      timeZone,
      weekday: "short",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    })
      .formatToParts(time)
      .map(({ type, value }) => [type, value]),
  ) as Record<"weekday" | "year" | "month" | "day" | "hour" | "minute", string>;
  return {
    weekday: WEEKDAYS.indexOf(parts.weekday.toLowerCase()),
    day: Number(parts.day),
    date: `${parts.year}-${parts.month}-${parts.day}`,
    minute: Number(parts.hour) * 60 + Number(parts.minute),
  };
}
