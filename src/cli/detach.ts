import { presentWorkers } from "../runs/attendance.ts";
import { settle } from "../runs/settle.ts";
import { isAtRest } from "../runs/states.ts";
import { viewOf } from "../runs/view.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.ts";
import type { Session } from "./session.ts";
import { showEnd } from "./show-end.ts";

/** Leaves a run to the workers, and says so when there are none. */
export async function detach({ backend, terminal, by }: Session, runId: string): Promise<ExitCode> {
  const run = await settle(backend, runId, by); // there may have been nothing to send
  if (run && isAtRest(run.state)) {
    showEnd(run, terminal);
    terminal.printJson(viewOf(run));
    return exitCodeOf(run);
  }
  const workers = await presentWorkers(backend.presence);
  terminal.print(`Run ${runId} is queued. See: bulkpatch status ${runId} --watch`);
  if (workers.length === 0) {
    terminal.note(
      backend.kind === "embedded"
        ? `Nobody works on it: the embedded backend works inside a command. Go on with: bulkpatch resume ${runId}`
        : "No worker is alive on this backend. Start one with: bulkpatch worker",
    );
  }
  if (run) terminal.printJson(viewOf(run));
  return EXIT.done;
}
