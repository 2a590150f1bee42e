import type { Command } from "commander";
import { DEFAULT_RUN_OPTIONS, type RunOptions } from "../../runs/run.ts";
import { type MaxChanges, parseMaxChanges } from "../../runs/safety-limit.ts";
import type { NotifyOn } from "../../schedules/notify/notify-on.ts";
import { addCarryOutFlags, type CarryOutFlags, readCarryOutFlags } from "../carry-out-flags.ts";
import { addNotifyFlags, type NotifyFlags, notifyOptionsOf } from "../notify-flags.ts";
import { duration, wholeNumber } from "../number-flags.ts";
import {
  addLintFlags,
  addReadFlags,
  type LintFlags,
  lintOptionsOf,
  type ReadFlags,
  readOptionsOf,
} from "../read-flags.ts";
import { defineUsage } from "../usage.ts";
import { UsageError } from "../usage-error.ts";

/** What is told of a run unless something else is asked for: that it is over or rests, however it went. */
const TELL_ANY_END: NotifyOn = { kinds: ["failed", "held", "done"], rejectedPercent: 0, failAfter: 1 };

interface RunFlags extends ReadFlags, LintFlags, NotifyFlags, CarryOutFlags {
  /** False: `--no-plan`; a text: the plan file. */
  plan?: boolean | string;
  checkAgain?: boolean;
  attempts?: string;
  backoff?: string;
  pauseAfter?: string;
  canary?: string;
  maxChanges?: string;
}

export const runUsage = defineUsage({
  usage: "run [file]",
  summary: "show the plan, ask, and carry it out",
  examples: [
    ["bulkpatch run changes.csv", "plan, question, progress, report"],
    ["bulkpatch run changes.csv --yes --json", "for a script: no question, the result as JSON"],
    ["bulkpatch run changes.csv --yes --detach", "leave the work to `bulkpatch worker` processes"],
    ["bulkpatch run --plan plan.json", "exactly the plan that `bulkpatch plan --out plan.json` wrote, once"],
    ["bulkpatch run changes.csv --yes --notify env:SLACK_URL", "tell a channel how it ended, also with --detach"],
    ["cat changes.csv | bulkpatch run - --yes", "from standard input"],
  ],
  options: (command) => addReadFlags(addNotifyFlags(addCareFlags(addLintFlags(addOwnFlags(command))))),
  needsApi: true,
  read: ([path], flags: RunFlags, asking) => {
    const planFile = typeof flags.plan === "string" ? flags.plan : null;
    assertOneSource(path, planFile, flags);
    const tell = notifyOptionsOf(flags, TELL_ANY_END);
    return {
      path,
      planFile,
      read: readOptionsOf(flags),
      lint: lintOptionsOf(flags),
      maxChanges: maxChangesOf(flags.maxChanges),
      options: runOptionsOf(flags),
      tell,
      how: readCarryOutFlags(flags, asking),
    };
  },
});

function addOwnFlags(command: Command): Command {
  return addCarryOutFlags(
    command.option(
      "--plan <file>",
      "carry out a plan file instead of a spreadsheet, or refuse where another plan would come of it",
    ),
  );
}

function addCareFlags(command: Command): Command {
  return command
    .optionsGroup("How careful it is:")
    .option("--canary <n>", "send the first N updates, read each back, and go on only when all are right")
    .option(
      "--max-changes <n|p%>",
      "halt before anything is sent when more entries (or a larger share of the registry) would be updated",
    )
    .option(
      "--check-again",
      "look at each entry just before its change, and leave it alone if it changed since the plan (one more request a row)",
    )
    .option("--no-plan", "send every valid row without comparing it with the registry")
    .option(
      "--pause-after <n>",
      "pause when this many rows in a row are refused with the same error (default 20, 0: never)",
    )
    .option(
      "--attempts <n>",
      "tries of a row over outages of minutes before it is failed (default 12, about half an hour)",
    )
    .option(
      "--backoff <time>",
      "how long a row waits after its first failed try, doubling up to 60 times that, e.g. 2s or 500ms (default 5s)",
    );
}

function assertOneSource(path: string | undefined, planFile: string | null, flags: RunFlags): void {
  if ((path === undefined) === (planFile === null)) {
    throw new UsageError(
      path === undefined ? "run: expected a file, found none" : "run: expected a file or --plan, found both",
      "write bulkpatch run FILE, or bulkpatch run --plan plan.json",
    );
  }
  if (planFile === null) return;
  const settled = [...Object.keys(readOptionsOf(flags)), "strict", "allowDomain"].filter((name) => name in flags);
  if (settled.length > 0) {
    throw new UsageError(
      `run --plan: the plan says already how its spreadsheet was read, so --${kebab(settled[0]!)} can't be given`,
      "make the plan again with it",
    );
  }
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function maxChangesOf(text: string | undefined): MaxChanges | null {
  if (text === undefined) return null;
  const maxChanges = parseMaxChanges(text);
  if (maxChanges !== null) return maxChanges;
  throw new UsageError(
    `--max-changes: expected a number of entries or a share, found "${text}"`,
    "write it like --max-changes 200 or --max-changes 30%",
  );
}

function runOptionsOf(flags: RunFlags): RunOptions {
  return {
    ...DEFAULT_RUN_OPTIONS,
    noPlan: flags.plan === false,
    checkAgain: flags.checkAgain === true,
    backoffMs: duration("--backoff", flags.backoff) ?? DEFAULT_RUN_OPTIONS.backoffMs,
    canary: wholeNumber("--canary", flags.canary) ?? 0,
    attempts: Math.max(1, wholeNumber("--attempts", flags.attempts) ?? DEFAULT_RUN_OPTIONS.attempts),
    pauseAfterSameError: wholeNumber("--pause-after", flags.pauseAfter) ?? DEFAULT_RUN_OPTIONS.pauseAfterSameError,
  };
}
