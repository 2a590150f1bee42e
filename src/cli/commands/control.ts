import { setTimeout as sleep } from "node:timers/promises";
import { type Asking, cancelRun, pauseRun } from "../../runs/control.ts";
import { settle } from "../../runs/settle.ts";
import type { Run } from "../../runs/run.ts";
import { isAtRest } from "../../runs/states.ts";
import { viewOf } from "../../runs/view.ts";
import { EXIT } from "../exit-codes.ts";
import { withSession } from "../session.ts";
import { showEnd } from "../show-end.ts";
import type { cancelUsage, pauseUsage } from "../usage/control.ts";
import type { Work } from "../usage.ts";

/** What was asked for is in force at once; how long the answer waits for the last calls in flight to end. */
const WAIT_FOR_REST_MS = 5_000;

export const doPause: Work<typeof pauseUsage> = control(pauseRun);

export const doCancel: Work<typeof cancelUsage> = control(cancelRun);

function control(ask: (asking: Asking, id: string) => Promise<Run>): Work<typeof pauseUsage> {
  return async ({ id }, { config, terminal }) => {
    await withSession(config, terminal, async ({ backend, by }) => {
      let run = await ask({ backend, by }, id);
      const until = Date.now() + WAIT_FOR_REST_MS;
      while (!isAtRest(run.state) && Date.now() < until) {
        await sleep(100);
        run = (await settle(backend, run.id, by)) ?? run;
      }
      showEnd(run, terminal);
      if (!isAtRest(run.state))
        terminal.print(`Nothing more is sent; what is in flight ends first. See: bulkpatch status ${run.id} --watch`);
      terminal.printJson(viewOf(run));
    });
    return EXIT.done;
  };
}
