import { setTimeout as sleep } from "node:timers/promises";
import type { Backend } from "../../backends/backend.ts";
import { somebodyWorksOn } from "../../runs/attendance.ts";
import { findRun } from "../../runs/control.ts";
import type { Run, RunEvent } from "../../runs/run.ts";
import { settle } from "../../runs/settle.ts";
import { isAtRest } from "../../runs/states.ts";
import { viewOf } from "../../runs/view.ts";
import { makeCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { Progress } from "../progress.ts";
import { withSession } from "../session.ts";
import { showEnd } from "../show-end.ts";
import { listenForStop } from "../signals.ts";

const LOOK_EVERY_MS = 500;

export const statusCommand = makeCommand<{ watch?: boolean }>({
  usage: "status <run>",
  summary: "how far a run is, and who asked what of it",
  examples: [
    ["bulkpatch status brave-otter", "once"],
    ["bulkpatch status brave-otter --watch", "until it is over or rests"],
  ],
  options: (command) => command.option("--watch", "until it is over or rests"),
  needsApi: false,
  run: async ([id], { flags, config, terminal }) => {
    const stop = listenForStop(terminal, "No longer watching; the run goes on.");
    const progress = new Progress(terminal);
    const allowedPerSecond = config.rate.limit / (config.rate.windowMs / 1_000);

    const watch = async (backend: Backend, by: string, first: Run): Promise<Run> => {
      let run = first;
      while (!isAtRest(run.state) && !stop.signal.aborted) {
        progress.show(run, allowedPerSecond);
        await sleep(LOOK_EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
        run = (await settle(backend, run.id, by)) ?? run;
      }
      terminal.endRedraw();
      return run;
    };

    try {
      await withSession(config, terminal, async ({ backend, by }) => {
        const found = await findRun(backend, id!);
        const now = (await settle(backend, found.id, by)) ?? found;
        const run = flags.watch ? await watch(backend, by, now) : now;
        showEnd(run, terminal);
        for (const event of run.events) terminal.print(terminal.style("dim", `  ${renderEvent(event)}`));
        if (run.state === "running" && !(await somebodyWorksOn(backend, run.id))) {
          terminal.print(`Nobody works on it. Go on with: bulkpatch resume ${run.id}`);
        }
        terminal.printJson(viewOf(run));
      });
      return EXIT.done;
    } finally {
      stop.release();
    }
  },
});

function renderEvent({ at, what, by, detail }: RunEvent): string {
  return `${new Date(at).toISOString()}  ${what} by ${by}${detail ? `: ${detail}` : ""}`;
}
