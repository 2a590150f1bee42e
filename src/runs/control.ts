import { moveRun } from "./move-run.ts";
import { RunError } from "./run-error.ts";
import type { RunHome } from "./run-home.ts";
import type { Run } from "./run.ts";
import { settle } from "./settle.ts";

/** Who asks, and where the runs live. */
export interface Asking {
  backend: RunHome;
  /** `user@host`. */
  by: string;
  now?: () => number;
}

/** The run of this id, or the only one whose id begins or ends so; the newest where none is named. Throws RunError `run_not_found`. */
export async function findRun(backend: Pick<RunHome, "runs" | "address">, id: string | undefined): Promise<Run> {
  if (id === undefined) return await newestRun(backend);
  const run = await backend.runs.get(id);
  if (run) return run;
  const known = await backend.runs.list(1_000);
  const [only, ...others] = known.filter((other) => other.id.endsWith(id) || other.id.startsWith(id));
  if (only && others.length === 0 && id.length >= 3) return only;
  const near = known.slice(0, 3).map((other) => other.id);
  throw new RunError("run_not_found", `there is no run "${id}" in ${backend.address}`, { near });
}

async function newestRun({ runs, address }: Pick<RunHome, "runs" | "address">): Promise<Run> {
  const [newest] = await runs.list(1);
  if (newest) return newest;
  throw new RunError("run_not_found", `there is no run in ${address}`, { near: [] });
}

/** Throws RunError `wrong_account` when the settings name another account than the run's. */
export function assertAccount(run: Run, accountId: string): void {
  if (run.accountId === accountId) return;
  throw new RunError(
    "wrong_account",
    `run ${run.id} is for the account ${run.accountId}, and CLOUDFLARE_ACCOUNT_ID is ${accountId}`,
    { run: run.id },
  );
}

/** Asks a run to pause. `paused` once nothing is in flight; rows that wait keep waiting. One that pauses already is answered as it is. */
export async function pauseRun(asking: Asking, id: string): Promise<Run> {
  return await ask(asking, id, "pausing", "paused");
}

/**
 * Asks a run to end: what is in flight ends as it ends, what was not tried is `cancelled`. It can't be resumed. One that is
 * cancelled already is answered as it is.
 */
export async function cancelRun(asking: Asking, id: string): Promise<Run> {
  return await ask(asking, id, "cancelling", "cancelled");
}

async function ask(
  { backend, by, now = Date.now }: Asking,
  id: string,
  to: "pausing" | "cancelling",
  already: "paused" | "cancelled",
): Promise<Run> {
  const run = await findRun(backend, id);
  if (run.state === to || run.state === already) return (await settle(backend, run.id, by, now)) ?? run;
  const reason = { code: "asked", message: `asked for by ${by}` } as const;
  const asked = await moveRun(backend.runs, run.id, to, { by, now, reason });
  if (asked) return (await settle(backend, run.id, by, now)) ?? asked;
  const { state } = (await backend.runs.get(run.id)) ?? run;
  if (state === to || state === already) return (await backend.runs.get(run.id)) ?? run;
  const verb = to === "pausing" ? "pause" : "cancel";
  throw new RunError(`run_${state}`, `run ${run.id} is ${state}: there is nothing to ${verb}`, {
    run: run.id,
    asked: verb,
  });
}
