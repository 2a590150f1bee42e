import { resolve } from "node:path";
import type { Plan } from "../plan/make-plan.ts";
import type { Registry } from "../registry/open-registry.ts";
import { assertWritable } from "../report/report-folder.ts";
import { resumeRun } from "../runs/resume-run.ts";
import type { Run } from "../runs/run.ts";
import type { ProducerOptions } from "../runs/producer.ts";
import { isOver } from "../runs/states.ts";
import { attend } from "./attend.ts";
import { detach } from "./detach.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Session } from "./session.ts";
import { listenForStop } from "./signals.ts";

export interface GoOnOptions {
  detach?: boolean;
  work: boolean;
  /** Instead of where its report was to go. */
  reportDir?: string;
  /** Entries that a run halted by its safety limit may update. */
  allowChanges?: number;
  /** Makes the plan of a run once more whose recording was cut off; it is closed here. */
  readAgain: (run: Run, signal: AbortSignal) => Promise<Plan>;
}

/** Lets an unfinished run go on and stays with it, or leaves it to the workers; of one that is over the report is seen to. */
export async function goOn(session: Session, registry: Registry, found: Run, options: GoOnOptions): Promise<ExitCode> {
  const { backend, by, terminal } = session;
  const stop = listenForStop(terminal, "Stopping.");
  try {
    const reportDir = options.reportDir ? resolve(options.reportDir) : found.reportDir;
    if (reportDir !== null && !options.detach) await assertWritable(reportDir);
    if (options.reportDir) await backend.runs.setReportDir(found.id, resolve(options.reportDir));
    const producer = { backend, by, signal: stop.signal, allowChanges: options.allowChanges };
    const run = await resume(found.id, producer, (cutOff) => options.readAgain(cutOff, stop.signal));
    stop.release();
    // A run that is over is seen to as well: its report may be missing.
    if (options.detach && !isOver(run.state)) return await detach(session, run);
    return await attend(session, registry, run, { work: options.work && backend.canWork, mayBeAwaited: true });
  } finally {
    stop.release();
  }
}

async function resume(id: string, producer: ProducerOptions, readAgain: (run: Run) => Promise<Plan>): Promise<Run> {
  const plans: Plan[] = [];
  try {
    return await resumeRun(id, producer, async (run) => {
      const plan = await readAgain(run);
      plans.push(plan);
      return plan;
    });
  } finally {
    for (const plan of plans) await plan.close();
  }
}
