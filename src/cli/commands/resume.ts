import { resolve } from "node:path";
import type { Plan } from "../../plan/make-plan.ts";
import { assertWritable } from "../../report/report-folder.ts";
import { assertAccount, findRun } from "../../runs/control.ts";
import { resumeRun } from "../../runs/resume-run.ts";
import { isOver } from "../../runs/states.ts";
import { attend } from "../attend.ts";
import { planAgain } from "../../plan/plan-again.ts";
import { registryOf, openSession } from "../session.ts";
import { showPlanProgress } from "../plan-progress.ts";
import { listenForStop } from "../signals.ts";
import { detach } from "../detach.ts";
import type { resumeUsage } from "../usage/resume.ts";
import type { Work } from "../usage.ts";

export const doResume: Work<typeof resumeUsage> = async (wanted, { config, terminal }) => {
  const session = await openSession(config, terminal);
  const stop = listenForStop(terminal, "Stopping.");
  const plans: Plan[] = [];
  try {
    const registry = registryOf(session);
    const { backend, by } = session;
    const found = await findRun(backend, wanted.id);
    assertAccount(found, registry.api.accountId);
    const reportDir = wanted.reportDir ? resolve(wanted.reportDir) : found.reportDir;
    if (reportDir !== null && !wanted.detach) await assertWritable(reportDir);
    if (wanted.reportDir) await backend.runs.setReportDir(found.id, resolve(wanted.reportDir));
    const run = await resumeRun(
      found.id,
      { backend, by, signal: stop.signal, allowChanges: wanted.allowChanges },
      async (cutOff) => {
        const onProgress = showPlanProgress(terminal);
        const plan = await planAgain(cutOff, { registry, signal: stop.signal, onProgress });
        plans.push(plan);
        return plan;
      },
    );
    stop.release();
    // A run that is over is seen to as well: its report may be missing.
    if (wanted.detach && !isOver(run.state)) return await detach(session, run);
    return await attend(session, registry, run, wanted.work && backend.canWork);
  } finally {
    stop.release();
    for (const plan of plans) await plan.close();
    await session.close();
  }
};
