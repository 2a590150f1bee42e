import { renderBudget } from "../../budget/budget-view.ts";
import { followBudget } from "../../budget/follow-budget.ts";
import { somebodyWorksOn } from "../../runs/attendance.ts";
import { findRun } from "../../runs/control.ts";
import type { RunEvent } from "../../runs/run.ts";
import { settle } from "../../runs/settle.ts";
import { isAtRest } from "../../runs/states.ts";
import { watchRun } from "../../runs/watch-run.ts";
import { viewOf } from "../../runs/view.ts";
import { renderWait } from "../budget-text.ts";
import { EXIT, type ExitCode, exitCodeOf } from "../exit-codes.ts";
import { Progress } from "../progress.ts";
import { registryOf, withSession } from "../session.ts";
import { showEnd } from "../show-end.ts";
import { listenForStop } from "../signals.ts";
import type { statusUsage } from "../usage/status.ts";
import type { Work } from "../usage.ts";

export const doStatus: Work<typeof statusUsage> = async ({ id, watch, giveUpAfterMs }, { config, terminal }) => {
  const stop = listenForStop(terminal, "No longer watching; the run goes on.");
  const progress = new Progress(terminal);
  let exitCode: ExitCode = EXIT.done;
  try {
    await withSession(config, terminal, async ({ backend, by }) => {
      const { budget } = config.api === null ? { budget: null } : registryOf({ config, backend, terminal });
      const budgetNow = budget === null ? () => null : followBudget(budget);
      const found = await findRun(backend, id);
      let run = (await settle(backend, found.id, by)) ?? found;
      let isWorkedOn = isAtRest(run.state) || (await somebodyWorksOn(backend, run));
      if (watch) {
        const seen = await watchRun({
          backend,
          run,
          by,
          giveUpAfterMs,
          signal: stop.signal,
          onLook: (look) => progress.show(look.run, budgetNow(), look.isWorkedOn),
        });
        terminal.endRedraw();
        ({ last: run, isWorkedOn } = seen);
        if (stop.signal.aborted) exitCode = EXIT.interrupted;
        else exitCode = isWorkedOn ? exitCodeOf(run) : EXIT.couldNot;
      }
      showEnd(run, terminal);
      const view = (await budget?.look()) ?? null;
      const wait = view === null || isAtRest(run.state) ? null : renderWait(view);
      if (wait !== null) terminal.print(wait);
      for (const event of run.events) terminal.print(terminal.style("dim", `  ${renderEvent(event)}`));
      if (!isWorkedOn) terminal.print(`Nobody works on it. Go on with: bulkpatch resume ${run.id}`);
      terminal.printJson({ ...viewOf(run), ...(view && { budget: renderBudget(view, Date.now()) }) });
    });
    return exitCode;
  } finally {
    stop.release();
  }
};

function renderEvent({ at, what, by, detail }: RunEvent): string {
  return `${new Date(at).toISOString()}  ${what} by ${by}${detail ? `: ${detail}` : ""}`;
}
