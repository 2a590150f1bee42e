import { Crew } from "../../workers/crew.ts";
import { removeOldRuns } from "../runs/remove-old-runs.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { BackendError } from "../backends/backend-error.ts";
import { writeReport } from "../report/write-report.ts";
import { presentWorkers } from "../runs/attendance.ts";
import { pauseRun } from "../runs/control.ts";
import type { Run } from "../runs/run.ts";
import { settle } from "../runs/settle.ts";
import { isAtRest, isOver } from "../runs/states.ts";
import { viewOf } from "../runs/view.ts";
import { VERSION } from "../version.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.ts";
import { Progress } from "./progress.ts";
import type { Session } from "./session.ts";
import type { Registry } from "../registry/open-registry.ts";
import { showEnd } from "./show-end.ts";
import { listenForStop, STOPPING_WORK } from "./signals.ts";

const LOOK_EVERY_MS = 250;

export interface AttendOptions {
  session: Session;
  registry: Registry;
  run: Run;
  /** False: only watch. */
  work: boolean;
}

/**
 * Stays with a run until it is over or comes to rest: works on it beside whatever workers there are, shows how far it is, and
 * writes the report at its end. The first Ctrl-C stops politely and pauses the run, unless other workers go on with it.
 */
export async function attendRun({ session, registry, run, work }: AttendOptions): Promise<ExitCode> {
  const { backend, terminal, by } = session;
  const stop = listenForStop(terminal, STOPPING_WORK);
  const crew = work
    ? new Crew({
        backend,
        accountId: registry.api.accountId,
        connect: registry.connect,
        concurrency: session.config.concurrency,
        by,
        only: run.id,
        onError: (error) => terminal.note(`${terminal.style("yellow", "warning:")} ${error.message}; trying again`),
      })
    : null;
  const progress = new Progress(terminal);
  let last = run;
  try {
    await crew?.start();
    while (!isAtRest(last.state) && !stop.signal.aborted) {
      progress.show(last, registry.budget.ratePerSecond());
      await sleep(LOOK_EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      last = (await backend.runs.get(run.id).catch(unlessLost)) ?? last;
    }
    progress.show(last, registry.budget.ratePerSecond());
    terminal.endRedraw();
    await crew?.stop();
    last = (await settle(backend, run.id, by)) ?? last;
    return isAtRest(last.state) ? await end(session, last) : await leave(session, last);
  } finally {
    await crew?.stop();
    stop.release();
  }
}

/** A backend that stays away for long may still come back, and the run goes on then. */
function unlessLost(error: unknown): null {
  if (error instanceof BackendError && error.code === "backend_lost") return null;
  throw error;
}

async function end(session: Session, run: Run): Promise<ExitCode> {
  const { backend, terminal, config } = session;
  const wrote = run.reportDir !== null && isOver(run.state);
  if (wrote) {
    await writeReport({ run, rows: () => backend.rows.all(run.id), dir: run.reportDir!, version: VERSION });
  }
  showEnd(run, terminal, wrote);
  terminal.printJson(viewOf(run));
  // Elsewhere the workers see to it.
  if (backend.kind === "embedded" && backend.canWork) await removeOldRuns(backend, config.keepDays, Date.now());
  return exitCodeOf(run);
}

/** Ctrl-C: the run goes on where there are other workers, else it is paused. */
async function leave({ backend, terminal, by }: Session, run: Run): Promise<ExitCode> {
  const others = await presentWorkers(backend.presence);
  const left = others.length > 0 ? run : await pauseRun({ backend, by }, run.id);
  terminal.note(
    others.length > 0
      ? `Left run ${run.id}: ${others.length} other worker process${others.length === 1 ? "" : "es"} will go on. See: bulkpatch status ${run.id} --watch`
      : `Run ${run.id} is ${left.state}. Go on with: bulkpatch resume ${run.id}`,
  );
  terminal.printJson(viewOf(left));
  return EXIT.interrupted;
}
