import { resolve } from "node:path";
import { createRun, recordAndQueue } from "../../runs/start-run.ts";
import { DEFAULT_RUN_OPTIONS, type RunOptions } from "../../runs/run.ts";
import { viewOf } from "../../runs/view.ts";
import { attendRun } from "../attend-run.ts";
import { makeCommand, UsageError } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { planFile } from "../plan-file.ts";
import { addReadFlags, type ReadFlags, readOptionsOf, wholeNumber } from "../read-flags.ts";
import { openRegistry, openSession, type Session } from "../session.ts";
import { showPlan } from "../show-plan.ts";
import { listenForStop } from "../signals.ts";
import { plural } from "../wording.ts";

interface RunFlags extends ReadFlags {
  yes?: boolean;
  detach?: boolean;
  plan: boolean;
  work: boolean;
  checkAgain?: boolean;
  reportDir?: string;
  attempts?: string;
  pauseAfter?: string;
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
    addReadFlags(command)
      .option("--yes", "do not ask")
      .option("--detach", "queue the rows and leave them to the workers")
      .option("--no-work", "only watch; leave the work to the workers")
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
        "--pause-after <n>",
        "pause when this many rows in a row are refused with the same error (default 20, 0: never)",
      )
      .option("--report-dir <folder>", "where the report goes (default bulkpatch-reports/<run>)"),
  needsApi: true,
  run: async ([path], { flags, config, terminal }) => {
    const read = readOptionsOf(flags);
    const options: RunOptions = {
      ...DEFAULT_RUN_OPTIONS,
      noPlan: !flags.plan,
      attempts: Math.max(1, wholeNumber("--attempts", flags.attempts) ?? DEFAULT_RUN_OPTIONS.attempts),
      pauseAfterSameError: wholeNumber("--pause-after", flags.pauseAfter) ?? DEFAULT_RUN_OPTIONS.pauseAfterSameError,
    };
    if (!flags.yes && !terminal.canAsk) {
      throw new UsageError(
        "run asks before it writes, and here is no terminal to ask on",
        "look at `bulkpatch plan FILE`, then add --yes",
      );
    }
    const session = await openSession(config, terminal);
    const stop = listenForStop(terminal, "Stopping.");
    try {
      assertCanWork(session, flags);
      const registry = openRegistry(session);
      const file = await planFile({
        path: path!,
        read,
        registry,
        terminal,
        noPlan: options.noPlan,
        checkAgain: flags.checkAgain === true,
        signal: stop.signal,
      });
      try {
        const { plan, source } = file;
        await showPlan(plan, source.name, registry.budget.ratePerSecond(), terminal);
        if (
          !flags.yes &&
          !(await terminal.confirm(
            plan.summary.update === 0
              ? "Nothing is to be sent. Record this as a run, with a report?"
              : `Update ${plural(plan.summary.update, "entry", "entries")}?`,
          ))
        ) {
          terminal.note("Nothing was changed.");
          return EXIT.done;
        }
        const producer = { backend: session.backend, by: session.by, signal: stop.signal };
        const created = await createRun(
          plan,
          {
            source,
            options,
            accountId: registry.api.accountId,
            reportDir: (id) => resolve(flags.reportDir ?? `bulkpatch-reports/${id}`),
          },
          producer,
        );
        terminal.note(`Run ${created.id} starts.`);
        const run = await recordAndQueue(created, plan, {
          ...producer,
          onProgress: ({ step, done }) => terminal.redraw(`${step} ${done}`),
        });
        stop.release();
        if (flags.detach) return await detach(session, run.id);
        return await attendRun({ session, registry, run, work: flags.work });
      } finally {
        await file.plan.close();
      }
    } finally {
      stop.release();
      await session.close();
    }
  },
});

function assertCanWork({ backend }: Session, { work, detach }: { work: boolean; detach?: boolean }): void {
  if (backend.canWork || !work || detach) return;
  throw new UsageError(
    `another process holds ${backend.address} and does the work there`,
    "add --detach to leave the rows to it, or use another --data-dir, or a Redis (--backend-url redis://…)",
  );
}

/** Leaves a run to the workers, and says so when there are none. */
export async function detach({ backend, terminal }: Session, runId: string): Promise<ExitCode> {
  const run = await backend.runs.get(runId);
  const workers = await backend.runs.workers();
  terminal.print(`Run ${runId} is queued. See: bulkpatch status ${runId} --watch`);
  if (workers.length === 0) {
    terminal.note(
      backend.kind === "embedded"
        ? `Nobody works on it: the embedded backend works inside a command. Go on with: bulkpatch resume ${runId}`
        : "No worker is alive on this backend. Start one with: bulkpatch worker",
    );
  }
  if (run) terminal.printJson(viewOf(run));
  return EXIT.done;
}
