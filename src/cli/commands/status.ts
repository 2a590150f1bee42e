import { setTimeout as sleep } from "node:timers/promises";
import { somebodyWorksOn } from "../../../workers/crew.ts";
import { findRun } from "../../runs/control.ts";
import { isOver } from "../../runs/states.ts";
import { settle } from "../../runs/settle.ts";
import { viewOf } from "../../runs/view.ts";
import { makeCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { Progress } from "../progress.ts";
import { openSession } from "../session.ts";
import { showEnd } from "../show-end.ts";
import { listenForStop } from "../signals.ts";

const LOOK_EVERY_MS = 500;

export const statusCommand = makeCommand<{ watch?: boolean }>({
  usage: "status <run>",
  summary: "how far a run is",
  examples: [
    ["bulkpatch status brave-otter", "once"],
    ["bulkpatch status brave-otter --watch", "until it is over or rests"],
  ],
  options: (command) => command.option("--watch", "until it is over or rests"),
  needsApi: false,
  run: async ([id], { flags, config, terminal }) => {
    const session = await openSession(config, terminal);
    const { backend, by } = session;
    const stop = listenForStop(terminal, "No longer watching; the run goes on.");
    try {
      const found = await findRun(backend, id!);
      let run = (await settle(backend, found.id, by)) ?? found;
      if (flags.watch) {
        const progress = new Progress(terminal);
        const rests = new Set(["paused", "halted", "interrupted"]);
        while (!isOver(run.state) && !rests.has(run.state) && !stop.signal.aborted) {
          progress.show(run, config.rate.limit / (config.rate.windowMs / 1_000));
          await sleep(LOOK_EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
          run = (await settle(backend, found.id, by)) ?? run;
        }
        terminal.endRedraw();
      }
      showEnd(run, terminal);
      for (const event of run.events) {
        terminal.print(
          terminal.style(
            "dim",
            `  ${new Date(event.at).toISOString()}  ${event.what} by ${event.by}${event.detail ? `: ${event.detail}` : ""}`,
          ),
        );
      }
      if (run.state === "running") {
        if (!(await somebodyWorksOn(backend, run.id)))
          terminal.print(`Nobody works on it. Go on with: bulkpatch resume ${run.id}`);
      }
      terminal.printJson(viewOf(run));
      return EXIT.done;
    } finally {
      stop.release();
      await session.close();
    }
  },
});
