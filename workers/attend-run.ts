import type { Backend } from "../src/backends/backend.ts";
import { BackendError } from "../src/backends/backend-error.ts";
import type { Registry } from "../src/registry/open-registry.ts";
import { writeReport, type WrittenReport } from "../src/report/write-report.ts";
import { presentWorkers } from "../src/runs/attendance.ts";
import { pauseRun } from "../src/runs/control.ts";
import { removeOldRuns } from "../src/runs/remove-old-runs.ts";
import type { Run } from "../src/runs/run.ts";
import { settle } from "../src/runs/settle.ts";
import { isAtRest, isOver } from "../src/runs/states.ts";
import { type RunLook, watchRun } from "../src/runs/watch-run.ts";
import { VERSION } from "../src/version.ts";
import { Crew } from "./crew.ts";

export interface AttendOptions {
  backend: Backend;
  registry: Registry;
  run: Run;
  by: string;
  /** Entries at a time. */
  concurrency: number;
  /** Days that ended runs are kept. */
  keepDays: number;
  /** False: only watch, and leave the work to others. */
  work: boolean;
  /** Stops politely: what is in flight ends, and the run is paused unless other workers go on with it. */
  signal: AbortSignal;
  onLook: (look: RunLook) => void;
  /** Something that is tried again. */
  onTrouble: (error: Error) => void;
}

/** How staying with a run ended. */
export type Attended =
  /** It is over, or waits for somebody. The report is written where it is over and has a folder. */
  | { end: "at-rest"; run: Run; report: WrittenReport | null; reportError: Error | null }
  /** Stopped by the signal. `others`: worker processes that go on with it; with none it is paused. */
  | { end: "left"; run: Run; others: number }
  /** Its record is gone from the datastore; `run` is as it was last seen. */
  | { end: "gone"; run: Run };

/**
 * Stays with a run until it is over or comes to rest: works on it beside whatever workers there are, tells how far it is, and
 * writes the report at its end. A backend that is away for a while is waited for.
 */
export async function attendRun(options: AttendOptions): Promise<Attended> {
  const { backend, registry, run, by, work, signal, onLook, onTrouble } = options;
  const crew = work
    ? new Crew({
        backend,
        accountId: registry.api.accountId,
        connect: registry.connect,
        concurrency: options.concurrency,
        by,
        only: run.id,
        onError: onTrouble,
      })
    : null;
  try {
    await crew?.start();
    const seen = await watchRun({ backend, run, by, signal, onLook, isWorking: work });
    await crew?.stop();
    if (seen.run === null) return { end: "gone", run: seen.last };
    const last = (await settle(backend, run.id, by)) ?? seen.run;
    return isAtRest(last.state) ? await end(options, last) : await leave(options, last);
  } finally {
    await crew?.stop();
  }
}

async function end({ backend, keepDays }: AttendOptions, run: Run): Promise<Attended> {
  let report: WrittenReport | null = null;
  let reportError: Error | null = null;
  if (run.reportDir !== null && isOver(run.state)) {
    try {
      report = await writeReport({ run, rows: () => backend.rows.all(run.id), dir: run.reportDir, version: VERSION });
    } catch (error) {
      if (error instanceof BackendError) throw error;
      reportError = error as Error; // how the run ended stands all the same
    }
  }
  // Elsewhere the workers see to it.
  if (backend.kind === "embedded" && backend.canWork) await removeOldRuns(backend, keepDays, Date.now());
  return { end: "at-rest", run, report, reportError };
}

async function leave({ backend, by }: AttendOptions, run: Run): Promise<Attended> {
  const others = (await presentWorkers(backend.presence, run.accountId)).length;
  return { end: "left", run: others > 0 ? run : await pauseRun({ backend, by }, run.id), others };
}
