import { assertTimeZone, cronTimes } from "./cron-times.ts";
import { parseDenyWindow } from "./deny-window.ts";
import { decodeSchedule, encodeSchedule, type Schedule, type ScheduleSettings } from "./schedule.ts";
import { ScheduleError } from "./schedule-error.ts";
import type { ScheduleStore } from "./schedule-store.ts";
import { ScheduleInvalidError, SettingsError, type SettingsErrorCode } from "./settings-error.ts";
import { openTimes } from "./what-is-due.ts";

export interface AddOptions {
  name: string;
  settings: ScheduleSettings;
  /** Take the place of the settings of a schedule of this name; what it knows and remembers stays. */
  replace: boolean;
  by: string;
  now: number;
}

/** Throws SettingsError where a schedule can't have one of these settings, ScheduleInvalidError where it can't have several. */
export function assertSettings(name: string, settings: ScheduleSettings): void {
  const problems: SettingsError[] = [];
  const check = (work: () => unknown): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      problems.push(error);
    }
  };
  check(() => assertName(name));
  check(() => assertTimeZone(settings.timeZone));
  // In a zone that is known, so that a wrong one does not hide a wrong pattern.
  check(() => cronTimes(settings.cron, "UTC"));
  for (const window of settings.notDuring) check(() => parseDenyWindow(window));
  const { address, tokenFrom } = settings.source;
  if (/^http:/i.test(address)) {
    check(() => refuse("address_not_https", "the source: expected an https:// address, found http://"));
  }
  if (tokenFrom !== null && !/^https:/i.test(address)) {
    check(() => refuse("contradiction", "a token is for an https source, and this one is a file"));
  }
  if (settings.dryRun && settings.onDrift === "hold") {
    check(() => refuse("contradiction", "a dry run never sends, so there is nothing to hold on drift"));
  }
  const [first, ...others] = problems;
  if (first === undefined) return;
  if (others.length === 0) throw first;
  throw new ScheduleInvalidError(problems);
}

function refuse(code: SettingsErrorCode, message: string): never {
  throw new SettingsError(code, message);
}

function assertName(name: string): void {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)) return;
  refuse("bad_name", `expected a name of small letters, digits, - and _, found "${name}"`);
}

/** Adds a schedule, which looks forward only, or replaces its settings without a lost or a doubled occasion. */
export async function addSchedule(store: ScheduleStore, options: AddOptions): Promise<Schedule> {
  const { name, settings, replace, by, now } = options;
  assertSettings(name, settings);
  for (;;) {
    const kept = await store.get(name);
    if (kept === null) {
      const schedule = newSchedule(options);
      if (await store.create(name, encodeSchedule(schedule))) return schedule;
      continue;
    }
    if (!replace) {
      throw new ScheduleError("schedule_exists", `there is a schedule "${name}" already`, { schedule: name });
    }
    const { schedule, version } = decodeSchedule(kept);
    if (schedule.settings.accountId !== settings.accountId) {
      throw new ScheduleError(
        "wrong_account",
        `schedule ${name} is for the account ${schedule.settings.accountId}, and CLOUDFLARE_ACCOUNT_ID is ${settings.accountId}`,
        { schedule: name },
      );
    }
    const isOtherList = schedule.settings.source.address !== settings.source.address;
    const next: Schedule = {
      ...schedule,
      settings,
      // What was due by the old pattern keeps its occasion; the new one looks forward only.
      pending: openTimes(schedule, now),
      lookedTo: now,
      // Another list is no smaller or older than itself.
      ...(isOtherList ? { acceptedSources: [], sourceSeen: null } : {}),
      // What was approved was a plan of the old settings.
      approved: null,
    };
    const step = { name, version, document: encodeSchedule(next), accountId: settings.accountId };
    if ((await store.step(step)) === "done") return next;
  }

  function newSchedule({ name: theName }: AddOptions): Schedule {
    return {
      name: theName,
      settings,
      createdAt: now,
      createdBy: by,
      lookedTo: now,
      pending: [],
      asked: null,
      paused: null,
      held: null,
      approved: null,
      rejected: null,
      acceptedSources: [],
      sourceSeen: null,
      sent: [],
      acceptedDifferences: [],
      failures: 0,
    };
  }
}
