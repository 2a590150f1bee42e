import { DEFAULT_RUN_OPTIONS, type RunOptions } from "../../runs/run.ts";
import { allowedChanges, parseMaxChanges } from "../../runs/safety-limit.ts";
import { addCarryOutFlags, carryOut, type CarryOutFlags } from "../carry-out.ts";
import { makeCommand, UsageError } from "../command.ts";
import { planSource } from "../../plan/plan-source.ts";
import { showPlanProgress } from "../plan-progress.ts";
import {
  addLintFlags,
  addReadFlags,
  duration,
  type LintFlags,
  lintOptionsOf,
  type ReadFlags,
  readOptionsOf,
  wholeNumber,
} from "../read-flags.ts";
import { countOf } from "../../wording.ts";

interface RunFlags extends ReadFlags, LintFlags, CarryOutFlags {
  plan: boolean;
  checkAgain?: boolean;
  attempts?: string;
  backoff?: string;
  pauseAfter?: string;
  canary?: string;
  maxChanges?: string;
}

export const runCommand = makeCommand<RunFlags>({
  usage: "run <file>",
  summary: "show the plan, ask, and carry it out",
  examples: [
    ["bulkpatch run changes.csv", "plan, question, progress, report"],
    ["bulkpatch run changes.csv --yes --json", "for a script: no question, the result as JSON"],
    ["bulkpatch run changes.csv --yes --detach", "leave the work to `bulkpatch worker` processes"],
    ["cat changes.csv | bulkpatch run - --yes", "from standard input"],
  ],
  options: (command) =>
    addCarryOutFlags(addLintFlags(addReadFlags(command)))
      .option("--no-plan", "send every valid row without comparing it with the registry")
      .option(
        "--check-again",
        "look at each entry just before its change, and leave it alone if it changed since the plan (one more request a row)",
      )
      .option(
        "--attempts <n>",
        "tries of a row over outages of minutes before it is failed (default 12, about half an hour)",
      )
      .option(
        "--backoff <time>",
        "how long a row waits after its first failed try, doubling up to 60 times that, e.g. 2s or 500ms (default 5s)",
      )
      .option(
        "--pause-after <n>",
        "pause when this many rows in a row are refused with the same error (default 20, 0: never)",
      )
      .option("--canary <n>", "send the first N updates, read each back, and go on only when all are right")
      .option(
        "--max-changes <n|p%>",
        "halt before anything is sent when more entries (or a larger share of the registry) would be updated",
      ),
  needsApi: true,
  run: async ([path], { flags, config, terminal }) => {
    const read = readOptionsOf(flags);
    const lint = lintOptionsOf(flags);
    const maxChanges = flags.maxChanges === undefined ? null : parseMaxChanges(flags.maxChanges);
    if (flags.maxChanges !== undefined && maxChanges === null) {
      throw new UsageError(
        `--max-changes: expected a number of entries or a share, found "${flags.maxChanges}"`,
        "write it like --max-changes 200 or --max-changes 30%",
      );
    }
    const options: RunOptions = {
      ...DEFAULT_RUN_OPTIONS,
      noPlan: !flags.plan,
      checkAgain: flags.checkAgain === true,
      backoffMs: duration("--backoff", flags.backoff) ?? DEFAULT_RUN_OPTIONS.backoffMs,
      canary: wholeNumber("--canary", flags.canary) ?? 0,
      attempts: Math.max(1, wholeNumber("--attempts", flags.attempts) ?? DEFAULT_RUN_OPTIONS.attempts),
      pauseAfterSameError: wholeNumber("--pause-after", flags.pauseAfter) ?? DEFAULT_RUN_OPTIONS.pauseAfterSameError,
    };
    return await carryOut({ flags, config, terminal }, async ({ registry, signal }) => {
      const { plan, source } = await planSource({
        path: path!,
        read,
        lint,
        registry,
        stdin: process.stdin,
        onProgress: showPlanProgress(terminal),
        noPlan: options.noPlan,
        checkAgain: options.checkAgain,
        needSize: maxChanges !== null,
        signal,
      });
      if (maxChanges) options.maxChanges = allowedChanges(maxChanges, plan.registrySize ?? 0);
      const { update } = plan.summary;
      return {
        plan,
        wanted: { source, options, retryOf: null },
        question:
          update === 0
            ? "Nothing is to be sent. Record this as a run, with a report?"
            : `Update ${countOf(update, "entry", "entries")}?`,
      };
    });
  },
});
