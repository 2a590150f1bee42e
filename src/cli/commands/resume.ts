import { resolve } from "node:path";
import { RequestError } from "../../explained-error.ts";
import type { Plan } from "../../plan/make-plan.ts";
import { assertAccount, findRun } from "../../runs/control.ts";
import { resumeRun } from "../../runs/resume-run.ts";
import { attendRun } from "../attend-run.ts";
import { makeCommand } from "../command.ts";
import { planSource } from "../../plan/plan-source.ts";
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
  usage: "resume <run>",
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
      const found = await findRun(backend, id!);
      assertAccount(found, registry.api.accountId);
      if (flags.reportDir) await backend.runs.setReportDir(found.id, resolve(flags.reportDir));
      const run = await resumeRun(
        found.id,
        { backend, by, signal: stop.signal, allowChanges: wholeNumber("--max-changes", flags.maxChanges) },
        async ({ source, options }) => {
          if (source.path === null) {
            throw new RequestError(
              "source_gone",
              `run ${found.id} was cut off while its rows were recorded (${found.rows} of ${source.rows}), and they came from ${source.name}, which can't be read again`,
              `\`bulkpatch cancel ${found.id}\`, then start a new run from the same data`,
            );
          }
          const file = await planSource({
            path: source.path,
            read: source.read,
            registry,
            stdin: process.stdin,
            onProgress: showPlanProgress(terminal),
            noPlan: options.noPlan,
            checkAgain: options.checkAgain,
            signal: stop.signal,
          });
          plans.push(file.plan);
          return file.plan;
        },
      );
      stop.release();
      if (flags.detach) return await detach(session, run.id);
      return await attendRun({ session, registry, run, work: flags.work && backend.canWork });
    } finally {
      stop.release();
      for (const plan of plans) await plan.close();
      await session.close();
    }
  },
});
