import { resolve } from "node:path";
import type { Plan } from "../../plan/make-plan.ts";
import { assertWritable } from "../../report/report-folder.ts";
import { assertAccount, findRun } from "../../runs/control.ts";
import { resumeRun } from "../../runs/resume-run.ts";
import { isOver } from "../../runs/states.ts";
import { attend } from "../attend.ts";
import { makeCommand } from "../command.ts";
import { planAgain } from "../../plan/plan-again.ts";
import { wholeNumber } from "../read-flags.ts";
import { registryOf, openSession } from "../session.ts";
import { showPlanProgress } from "../plan-progress.ts";
import { listenForStop } from "../signals.ts";
import { detach } from "../detach.ts";

interface ResumeFlags {
  detach?: boolean;
  work: boolean;
  reportDir?: string;
  maxChanges?: string;
}

export const resumeCommand = makeCommand<ResumeFlags>({
  usage: "resume [run]",
  summary: "let an unfinished run go on, and work on it",
  examples: [
    ["bulkpatch resume 2026-11-24-brave-otter", "go on where it stopped, with progress and a report"],
    ["bulkpatch resume brave-otter --detach", "leave it to the workers; the end of an id is enough"],
  ],
  options: (command) =>
    command
      .option("--detach", "leave it to the workers")
      .option("--no-work", "only watch; leave the work to the workers")
      .option("--max-changes <n>", "entries that a run halted by its safety limit may update")
      .option("--report-dir <folder>", "where the report goes (default: as when it started)"),
  needsApi: true,
  run: async ([id], { flags, config, terminal }) => {
    const session = await openSession(config, terminal);
    const stop = listenForStop(terminal, "Stopping.");
    const plans: Plan[] = [];
    try {
      const registry = registryOf(session);
      const { backend, by } = session;
      const found = await findRun(backend, id);
      assertAccount(found, registry.api.accountId);
      const reportDir = flags.reportDir ? resolve(flags.reportDir) : found.reportDir;
      if (reportDir !== null && !flags.detach) await assertWritable(reportDir);
      if (flags.reportDir) await backend.runs.setReportDir(found.id, resolve(flags.reportDir));
      const run = await resumeRun(
        found.id,
        { backend, by, signal: stop.signal, allowChanges: wholeNumber("--max-changes", flags.maxChanges) },
        async (cutOff) => {
          const onProgress = showPlanProgress(terminal);
          const plan = await planAgain(cutOff, { registry, signal: stop.signal, onProgress });
          plans.push(plan);
          return plan;
        },
      );
      stop.release();
      // A run that is over is seen to as well: its report may be missing.
      if (flags.detach && !isOver(run.state)) return await detach(session, run);
      return await attend(session, registry, run, flags.work && backend.canWork);
    } finally {
      stop.release();
      for (const plan of plans) await plan.close();
      await session.close();
    }
  },
});
