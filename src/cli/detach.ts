import { presentWorkers } from "../runs/attendance.ts";
import type { Run } from "../runs/run.ts";
import { settle } from "../runs/settle.ts";
import { isAtRest } from "../runs/states.ts";
import { viewOf } from "../runs/view.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.ts";
import type { Session } from "./session.ts";
import { showEnd } from "./show-end.ts";

/** Leaves a run to the workers, and says so when there are none. */
export async function detach({ backend, terminal, by }: Session, run: Run): Promise<ExitCode> {
  const now = (await settle(backend, run.id, by)) ?? run; // there may have been nothing to send
  if (isAtRest(now.state)) {
    showEnd(now, terminal);
    terminal.printJson(viewOf(now));
    return exitCodeOf(now);
  }
  terminal.print(`Run ${run.id} is queued. See: bulkpatch status ${run.id} --watch`);
  if ((await presentWorkers(backend.presence, run.accountId)).length === 0) {
    terminal.note(
      backend.kind === "embedded"
        ? `Nobody works on it: the embedded backend works inside a command. Go on with: bulkpatch resume ${run.id}`
        : "No worker of this account is alive on this backend. Start one with: bulkpatch worker",
    );
  }
  terminal.printJson(viewOf(now));
  return EXIT.done;
}
