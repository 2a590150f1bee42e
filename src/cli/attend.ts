import { attendRun } from "../../workers/attend-run.ts";
import { followBudget } from "../budget/follow-budget.ts";
import type { Registry } from "../registry/open-registry.ts";
import { RequestError } from "../explained-error.ts";
import type { Run } from "../runs/run.ts";
import { viewOf } from "../runs/view.ts";
import { countOf } from "../wording.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.ts";
import { Progress } from "./progress.ts";
import type { Session } from "./session.ts";
import { showEnd } from "./show-end.ts";
import { tellEnd } from "./tell-end.ts";
import { listenForStop, STOPPING_WORK } from "./signals.ts";

export interface AttendOptions {
  work: boolean;
  /** Somebody may have asked to be told how it ends; false: it is known that nobody did. */
  mayBeAwaited: boolean;
}

/** How a datastore of each kind loses what it kept, and when it does so no more. */
const HOW_LOST = {
  redis: {
    found: "emptied, evicted, or started again without its data",
    mended: "Redis keeps its data (no eviction, append-only file)",
  },
  postgres: {
    found: "emptied, made anew, or put back to before the run",
    mended: "nobody does that any more",
  },
  embedded: { found: "the folder was removed or moved away", mended: "the folder stays where it is" },
} as const;

/**
 * Stays with a run until it is over or comes to rest, and shows how far it is. The first Ctrl-C stops politely and pauses the
 * run, unless other workers go on with it.
 */
export async function attend(
  session: Session,
  registry: Registry,
  run: Run,
  { work, mayBeAwaited }: AttendOptions,
): Promise<ExitCode> {
  const { backend, terminal, config, by } = session;
  const stop = listenForStop(terminal, STOPPING_WORK);
  const progress = new Progress(terminal);
  const budget = followBudget(registry.budget);
  try {
    const attended = await attendRun({
      backend,
      registry,
      run,
      by,
      work,
      concurrency: config.concurrency,
      keepDays: config.keepDays,
      signal: stop.signal,
      onLook: (look) => progress.show(look.run, budget(), look.isWorkedOn),
      onTrouble: (error) => terminal.warn(`${error.message}; trying again`),
    });
    terminal.endRedraw();
    const { run: last } = attended;
    if (attended.end !== "gone" && mayBeAwaited) await tellEnd(session, last.id);
    switch (attended.end) {
      case "at-rest":
        showEnd(last, terminal);
        if (attended.reportError !== null) {
          terminal.note(
            `${terminal.style("red", "error:")} ${attended.reportError.message}\n  ${terminal.style("dim", "→")} the run itself is safe; write its report with: bulkpatch report ${last.id} --out FOLDER`,
          );
        }
        terminal.printJson(viewOf(last));
        return exitCodeOf(last);
      case "left":
        terminal.note(
          attended.others > 0
            ? `Left run ${last.id}: ${countOf(attended.others, "other worker process", "other worker processes")} will go on. See: bulkpatch status ${last.id} --watch`
            : `Run ${last.id} is ${last.state}. Go on with: bulkpatch resume ${last.id}`,
        );
        terminal.printJson(viewOf(last));
        return EXIT.interrupted;
      case "gone":
        throw new RequestError(
          "run_gone",
          `the record of run ${last.id} is gone from ${backend.address} (${HOW_LOST[backend.kind].found}), so nothing more is sent; what this process had recorded is ${attended.report === null ? "nothing" : `in ${attended.report.dir}`}`,
          `a plan of the same file shows what is still to do; run it again when ${HOW_LOST[backend.kind].mended}`,
        );
    }
  } finally {
    stop.release();
  }
}
