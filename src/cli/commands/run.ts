import { DEFAULT_RUN_OPTIONS, type RunOptions } from "../../runs/run.ts";
import { allowedChanges, parseMaxChanges } from "../../runs/safety-limit.ts";
import { addCarryOutFlags, carryOut, type CarryOutFlags, type PlannedRun } from "../carry-out.ts";
import { makeCommand, UsageError } from "../command.ts";
import type { SourcePlan } from "../../plan/make-plan.ts";
import {
  assertNotCarriedOut,
  claimPlanFile,
  planFromFile,
  type PlanFromFileOptions,
} from "../../plan/plan-from-file.ts";
import { addNotifyFlags, type NotifyFlags, notifyOptionsOf } from "../notify-flags.ts";
import { TELL_ANY_END } from "../tell-end.ts";
import { planSource, type PlannedSource } from "../../plan/plan-source.ts";
import { openPlanFile } from "../../plan/read-plan-file.ts";
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
import type { Session } from "../session.ts";
import { countOf } from "../../wording.ts";

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

export const runCommand = makeCommand<RunFlags>({
  usage: "run [file]",
  summary: "show the plan, ask, and carry it out",
  examples: [
    ["bulkpatch run changes.csv", "plan, question, progress, report"],
    ["bulkpatch run changes.csv --yes --json", "for a script: no question, the result as JSON"],
    ["bulkpatch run changes.csv --yes --detach", "leave the work to `bulkpatch worker` processes"],
    ["bulkpatch run --plan plan.json", "exactly the plan that `bulkpatch plan --out plan.json` wrote, once"],
    ["bulkpatch run changes.csv --yes --notify https://hooks.slack.com/…", "tell a channel how it ended"],
    ["cat changes.csv | bulkpatch run - --yes", "from standard input"],
  ],
  options: (command) =>
    addNotifyFlags(addCarryOutFlags(addLintFlags(addReadFlags(command))))
      .option(
        "--plan <file>",
        "carry out a plan file instead of a spreadsheet, or refuse where another plan would come of it",
      )
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
    const planFile = typeof flags.plan === "string" ? flags.plan : null;
    assertOneSource(path, planFile, flags);
    const tell = notifyOptionsOf(flags, TELL_ANY_END);
    if (tell !== null && flags.detach) {
      throw new UsageError(
        "run: --notify tells how the run ended, and --detach does not stay until then",
        "leave one of them out",
      );
    }
    const maxChanges = flags.maxChanges === undefined ? null : parseMaxChanges(flags.maxChanges);
    if (flags.maxChanges !== undefined && maxChanges === null) {
      throw new UsageError(
        `--max-changes: expected a number of entries or a share, found "${flags.maxChanges}"`,
        "write it like --max-changes 200 or --max-changes 30%",
      );
    }
    const options: RunOptions = {
      ...DEFAULT_RUN_OPTIONS,
      noPlan: flags.plan === false,
      checkAgain: flags.checkAgain === true,
      backoffMs: duration("--backoff", flags.backoff) ?? DEFAULT_RUN_OPTIONS.backoffMs,
      canary: wholeNumber("--canary", flags.canary) ?? 0,
      attempts: Math.max(1, wholeNumber("--attempts", flags.attempts) ?? DEFAULT_RUN_OPTIONS.attempts),
      pauseAfterSameError: wholeNumber("--pause-after", flags.pauseAfter) ?? DEFAULT_RUN_OPTIONS.pauseAfterSameError,
    };
    return await carryOut({ flags, config, terminal }, async ({ session, registry, signal }) => {
      const common = {
        registry,
        checkAgain: options.checkAgain,
        needSize: maxChanges !== null,
        signal,
        onProgress: showPlanProgress(terminal),
      };
      const { plan, source, beforeStart } =
        planFile === null
          ? await planSource({
              ...common,
              path: path!,
              read: readOptionsOf(flags),
              lint: lintOptionsOf(flags),
              stdin: process.stdin,
              noPlan: options.noPlan,
            }).then((planned) => ({ ...planned, beforeStart: undefined }))
          : await openPlanned(planFile, common, session);
      if (maxChanges) options.maxChanges = allowedChanges(maxChanges, plan.registrySize ?? 0);
      const { update } = plan.summary;
      return {
        plan,
        wanted: { source, options, retryOf: null },
        tell,
        question:
          update === 0
            ? "Nothing is to be sent. Record this as a run, with a report?"
            : `Update ${countOf(update, "entry", "entries")}?`,
        ...(beforeStart && { beforeStart }),
      };
    });
  },
});

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

async function openPlanned(
  path: string,
  common: Omit<PlanFromFileOptions, "file">,
  { backend }: Session,
): Promise<{ plan: SourcePlan; source: PlannedSource["source"]; beforeStart: NonNullable<PlannedRun["beforeStart"]> }> {
  const file = await openPlanFile(path);
  await assertNotCarriedOut(backend.leases, file);
  const plan = await planFromFile({ ...common, file });
  return {
    plan,
    source: { name: file.source.name, path: null, header: file.source.header, read: {} },
    beforeStart: (runId) => claimPlanFile(backend.leases, file, runId),
  };
}
