import { type BudgetView, renderBudget } from "../../budget/budget-view.ts";
import { followBudget } from "../../budget/follow-budget.ts";
import { whoWorksOn } from "../../runs/attendance.ts";
import { findRun } from "../../runs/control.ts";
import type { Run } from "../../runs/run.ts";
import { paceOf, progressOf } from "../../runs/run-progress.ts";
import { settle } from "../../runs/settle.ts";
import { isAtRest } from "../../runs/states.ts";
import { watchRun } from "../../runs/watch-run.ts";
import { viewEvents, viewOf, viewProgress } from "../../runs/view.ts";
import { EXIT, type ExitCode, exitCodeOf } from "../exit-codes.ts";
import { Progress } from "../progress.ts";
import { budgetOf, type Session, withSession } from "../session.ts";
import { showEnd } from "../show-end.ts";
import { type SeenProgress, showEvents, showProgress } from "../show-progress.ts";
import { listenForStop } from "../signals.ts";
import type { statusUsage } from "../usage/status.ts";
import type { Work } from "../usage.ts";

export const doStatus: Work<typeof statusUsage> = async ({ id, watch, giveUpAfterMs }, { config, terminal }) => {
  let exitCode: ExitCode = EXIT.done;
  await withSession(config, terminal, async (session) => {
    const { backend, by } = session;
    const found = await findRun(backend, id);
    let run = (await settle(backend, found.id, by)) ?? found;
    const look = await lookerOf(session, run);
    if (watch) {
      const stop = listenForStop(terminal, "No longer watching; the run goes on.");
      try {
        const progress = new Progress(terminal);
        const budgetNow = followBudget({ look });
        const seen = await watchRun({
          backend,
          run,
          by,
          giveUpAfterMs,
          signal: stop.signal,
          onLook: ({ run: now, isWorkedOn }) => progress.show(now, budgetNow(), isWorkedOn),
          onSilence: () => terminal.warn(`${backend.address} does not answer; asking on (Ctrl-C ends only this watch)`),
        });
        terminal.endRedraw();
        run = seen.last;
        if (stop.signal.aborted) {
          // Not asked again: what does not answer must not keep who wants to leave.
          showEnd(run, terminal);
          terminal.printJson(viewOf(run));
          exitCode = EXIT.interrupted;
          return;
        }
        exitCode = seen.isWorkedOn ? exitCodeOf(run) : EXIT.couldNot;
      } finally {
        stop.release();
      }
    }
    const now = Date.now();
    const seen = await lookAt(session, run, look, now);
    showEnd(run, terminal);
    showProgress(run, seen, now, terminal);
    showEvents(run.events, terminal);
    if (seen.progress.doing === "nobody") terminal.print(`Nobody works on it. Go on with: bulkpatch resume ${run.id}`);
    terminal.printJson(documentOf(run, seen, now));
  });
  return exitCode;
};

/** The budget that the run spends from; what is answered is null where the settings don't say its token. */
async function lookerOf(session: Session, { accountId }: Run): Promise<() => Promise<BudgetView | null>> {
  if (session.config.api?.accountId !== accountId) return async () => null;
  const budget = await budgetOf(session);
  return () => budget.look();
}

async function lookAt(
  { backend }: Session,
  run: Run,
  look: () => Promise<BudgetView | null>,
  now: number,
): Promise<SeenProgress> {
  const budget = await look();
  const [progress, pace, workers] = await Promise.all([
    progressOf(backend, run, async () => budget),
    paceOf(backend, run, now),
    isAtRest(run.state) ? [] : whoWorksOn(backend, run),
  ]);
  return { progress, pace: isAtRest(run.state) ? null : pace, workers, budget };
}

function documentOf(run: Run, { progress, pace, workers, budget }: SeenProgress, now: number): object {
  return {
    ...viewOf(run),
    progress: viewProgress(progress),
    requests_per_second: pace,
    workers,
    events: viewEvents(run),
    budget: budget && renderBudget(budget, now),
  };
}
