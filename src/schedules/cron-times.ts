import { Cron } from "croner";
import { SettingsError } from "./settings-error.ts";

/** A cron pattern of five fields in a time zone. Times are epoch milliseconds. */
export interface CronTimes {
  /** The next times after this one; fewer than `count` where the pattern ends. */
  next(after: number, count: number): number[];
  /**
   * The times after `after` up to `until`, in order: the newest `most`, and whether there are earlier ones.
   * A time that a change of the clocks skips is due when the gap ends; one that comes twice is due once (unless the pattern
   * names every hour, which has one more).
   */
  between(after: number, until: number, most?: number): { times: number[]; earlier: boolean };
}

/** Throws SettingsError `bad_time_zone`, `bad_cron` or `cron_never`. */
export function cronTimes(pattern: string, timeZone: string): CronTimes {
  assertTimeZone(timeZone);
  let cron: Cron;
  try {
    if (pattern.trim().split(/\s+/).length !== 5) throw new Error("it has not five fields");
    cron = new Cron(pattern.trim(), { timezone: timeZone, mode: "5-part", paused: true });
  } catch (error) {
    throw new SettingsError(
      "bad_cron",
      `the cron pattern: expected five fields (minute, hour, day of the month, month, day of the week), found "${pattern}": ${(error as Error).message.replace(/^Cron\w*: /, "")}`,
    );
  }
  if (cron.nextRun() === null) {
    throw new SettingsError("cron_never", `the cron pattern: "${pattern}" never comes`);
  }
  return {
    next: (after, count) => cron.nextRuns(count, new Date(after)).map((time) => time.getTime()),
    between: (after, until, most = 500) => {
      const times: number[] = [];
      for (let time = cron.nextRun(new Date(after)); time !== null && time.getTime() <= until;) {
        times.push(time.getTime());
        if (times.length > most) return { times: newestOf(cron, until, most), earlier: true };
        time = cron.nextRun(time);
      }
      return { times, earlier: false };
    },
  };
}

function newestOf(cron: Cron, until: number, count: number): number[] {
  const back = cron.previousRuns(count, new Date(until + 1_000)).map((time) => time.getTime());
  return back.filter((time) => time <= until).toReversed();
}

/** Throws SettingsError `bad_time_zone`. */
export function assertTimeZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw new SettingsError("bad_time_zone", `expected the name of a time zone, found "${timeZone}"`);
  }
}

/** The zone of this machine. */
export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `Wed 25 Nov 2026, 03:00` in the zone. */
export function localTime(time: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  })
    .format(time)
    .replace(/^(\w+), /, "$1 ");
}
