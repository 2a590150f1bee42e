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
import { OutcomeJournal } from "./outcome-journal.ts";

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
  /**
   * Its record is gone from the datastore: `run` is as it was last seen, and the report says what this process itself recorded;
   * null where it recorded nothing.
   */
  | { end: "gone"; run: Run; report: WrittenReport | null };

/**
 * Stays with a run until it is over or comes to rest: works on it beside whatever workers there are, tells how far it is, and
 * writes the report at its end. A backend that is away for a while is waited for.
 */
export async function attendRun(options: AttendOptions): Promise<Attended> {
  const { backend, registry, run, by, work, signal, onLook, onTrouble } = options;
  const journal = work ? await OutcomeJournal.open() : null;
  const crew =
    journal === null
      ? null
      : new Crew({
          backend: { ...backend, rows: journal.keeping(backend.rows) },
          accountId: registry.api.accountId,
          connect: registry.connect,
          concurrency: options.concurrency,
          by,
          only: run.id,
          onError: onTrouble,
        });
  try {
    await crew?.start();
    let seen = run;
    const look = (now: RunLook): void => {
      seen = now.run;
      onLook(now);
    };
    const last = await lastOf(async () => {
      const { run: left } = await watchRun({
        backend,
        run,
        by,
        signal,
        onLook: look,
        isWorking: work,
        willPass: isOutage,
      });
      await crew?.stop();
      return left && (await settle(backend, run.id, by));
    });
    if (last === null) {
      await crew?.stop();
      return { end: "gone", run: seen, report: await reportFrom(journal, seen, backend) };
    }
    return isAtRest(last.state) ? await end(options, last) : await leave(options, last);
  } finally {
    await crew?.stop();
    await journal?.close();
  }
}

/** The run as it is in the end; null where its record is gone. */
async function lastOf(watch: () => Promise<Run | null>): Promise<Run | null> {
  try {
    return await watch();
  } catch (error) {
    if (error instanceof BackendError && error.code === "data_gone") return null;
    throw error;
  }
}

/** A backend that stays away for long may still come back, and the run goes on then. */
function isOutage(error: unknown): boolean {
  return error instanceof BackendError && error.mayPass;
}

/** What this process itself knows of a run whose record is gone. */
async function reportFrom(
  journal: OutcomeJournal | null,
  run: Run,
  { address }: Backend,
): Promise<WrittenReport | null> {
  if (journal === null || run.reportDir === null) return null;
  const rows = await journal.rows();
  let known = 0;
  for await (const _ of rows()) known += 1;
  if (known === 0) return null;
  const reason = `the record of this run is gone from ${address}; here is what one process recorded: ${known} of ${run.source.rows} rows`;
  return await writeReport({
    run: { ...run, state: "interrupted", reason },
    rows,
    dir: run.reportDir,
    version: VERSION,
  });
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
