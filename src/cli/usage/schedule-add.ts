import { hostname } from "node:os";
import { resolve } from "node:path";
import type { Command } from "commander";
import { ownTimeZone } from "../../schedules/cron-times.ts";
import { DEFAULT_NOTIFY_ON } from "../../schedules/notify/notify-on.ts";
import { DEFAULT_LIMITS, ON_DRIFT, type OnDrift, type ScheduleSettings } from "../../schedules/schedule.ts";
import { addNotifyFlags, type NotifyFlags, notifyOptionsOf } from "../notify-flags.ts";
import { wholeNumber } from "../number-flags.ts";
import {
  addLintFlags,
  addReadFlags,
  type LintFlags,
  lintOptionsOf,
  type ReadFlags,
  readOptionsOf,
} from "../read-flags.ts";
import { addLimitFlags, type LimitFlags, limitsOf } from "../schedule-flags.ts";
import { defineUsage } from "../usage.ts";
import { UsageError } from "../usage-error.ts";

interface AddFlags extends ReadFlags, LintFlags, LimitFlags, NotifyFlags {
  cron?: string;
  tz?: string;
  onDrift?: string;
  notDuring?: string[];
  dryRun?: boolean;
  anyHost?: boolean;
  tokenFrom?: string;
  reportDir?: string;
  failAfter?: string;
  heartbeat?: string;
  replace?: boolean;
  yes?: boolean;
}

export const scheduleAddUsage = defineUsage({
  usage: "add <name> <source>",
  summary: "reconcile the registry with a list, at set times",
  examples: [
    [
      'bulkpatch schedule add hr /srv/hr/people.csv --cron "0 3 * * *" --dry-run',
      "plan every night at three, and send nothing",
    ],
    [
      'bulkpatch schedule add hr https://hr.example.com/people.csv --cron "0 3 * * mon-fri" --token-from HR_TOKEN --replace',
      "now for real, from an address whose token is in the environment",
    ],
  ],
  options: (command) => addReadFlags(addLintFlags(addNotifyFlags(addLimitFlags(addOwnFlags(command))))),
  needsApi: true,
  read: ([name, source], flags: AddFlags) => ({
    name: name!,
    settings: settingsOf(source!, flags),
    replace: flags.replace === true,
    lookNow: flags.yes !== true,
  }),
});

function addOwnFlags(command: Command): Command {
  return command
    .option("--cron <pattern>", 'when, e.g. "0 3 * * *": minute, hour, day, month, weekday')
    .option("--tz <zone>", `time zone of the pattern (default: this machine's, ${ownTimeZone()})`)
    .option("--on-drift <what>", "values that somebody changed in the registry: fix (default), report or hold")
    .option(
      "--not-during <window>",
      'begin nothing then, e.g. "mon-fri 08:00-18:00", "day 28-31"; may be given again',
      gather,
    )
    .option("--dry-run", "plan only, and send nothing")
    .option("--any-host", "the file is there on every machine that keeps schedules")
    .option("--token-from <variable>", "environment variable with the bearer token of an https source")
    .option("--report-dir <folder>", "where reports of its runs go (default bulkpatch-reports)")
    .option("--fail-after <n>", "tell of failures from the nth in a row on (default 1)")
    .option("--heartbeat <url>", "an address (or env:NAME) that notices when nothing comes")
    .option("--replace", "change the schedule of this name; no occasion is lost or doubled")
    .option("--yes", "also when the source can't be read now");
}

function settingsOf(source: string, flags: AddFlags): Omit<ScheduleSettings, "accountId"> {
  if (flags.cron === undefined) throw new UsageError("--cron is missing", 'write it like --cron "0 3 * * *"');
  if (source === "-") throw new UsageError("a schedule can't read standard input", "name a file or an https address");
  const isAddress = /^https?:\/\//i.test(source);
  const onDrift = flags.onDrift ?? "fix";
  if (!isOnDrift(onDrift)) {
    throw new UsageError(
      `--on-drift: expected one of ${ON_DRIFT.join(", ")}, found "${onDrift}"`,
      "leave it out to have such values put right",
    );
  }
  return {
    source: {
      address: isAddress ? source : resolve(source),
      host: isAddress || flags.anyHost ? null : hostname(),
      read: readOptionsOf(flags),
      tokenFrom: flags.tokenFrom ?? null,
    },
    cron: flags.cron,
    timeZone: flags.tz ?? ownTimeZone(),
    notDuring: flags.notDuring ?? [],
    dryRun: flags.dryRun === true,
    onDrift,
    limits: limitsOf(flags, DEFAULT_LIMITS),
    lint: lintOptionsOf(flags),
    notify: notifyOf(flags),
    reportDir: resolve(flags.reportDir ?? "bulkpatch-reports"),
  };
}

function isOnDrift(text: string): text is OnDrift {
  return (ON_DRIFT as readonly string[]).includes(text);
}

function notifyOf(flags: AddFlags): ScheduleSettings["notify"] {
  const failAfter = Math.max(1, wholeNumber("--fail-after", flags.failAfter) ?? DEFAULT_NOTIFY_ON.failAfter);
  return notifyOptionsOf(flags, { ...DEFAULT_NOTIFY_ON, failAfter }, flags.heartbeat ?? null);
}

function gather(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}
