import type { RunHome } from "./run-home.ts";
import { RequestError } from "../explained-error.ts";
import { eventOf } from "./actor.ts";
import type { Run, RunState } from "./run.ts";
import { settle } from "./settle.ts";
import { isOver, statesBefore } from "./states.ts";

/** Who asks, and on which backend. */
export interface Asking {
  backend: RunHome;
  /** `user@host`. */
  by: string;
  now?: () => number;
}

/** The run of this id; throws with the ids that are like it when there is none. */
export async function findRun(backend: RunHome, id: string): Promise<Run> {
  const run = await backend.runs.get(id);
  if (run) return run;
  const known = await backend.runs.list(1_000);
  const [only, ...others] = known.filter((other) => other.id.endsWith(id) || other.id.startsWith(id));
  if (only && others.length === 0 && id.length >= 3) return only;
  const near = known.slice(0, 3).map((other) => other.id);
  throw new RequestError(
    "run_not_found",
    `there is no run "${id}" in ${backend.address}`,
    near.length > 0
      ? `the newest runs are ${near.join(", ")}; \`bulkpatch runs\` lists them all`
      : "there are no runs here yet; `bulkpatch run FILE` starts one",
  );
}

/** Throws when the settings name another account than the run's. */
export function assertAccount(run: Run, accountId: string): void {
  if (run.accountId === accountId) return;
  throw new RequestError(
    "wrong_account",
    `run ${run.id} is for the account ${run.accountId}, and CLOUDFLARE_ACCOUNT_ID is ${accountId}`,
    "set CLOUDFLARE_ACCOUNT_ID (and the token) of that account",
  );
}

/** Asks a run to pause. `paused` once nothing is in flight; rows that wait keep waiting. */
export async function pauseRun(asking: Asking, id: string): Promise<Run> {
  return await ask(asking, id, "pausing", ["paused", "pausing"], "there is nothing to pause");
}

/** Asks a run to end: what is in flight ends as it ends, what was not tried is `cancelled`. It can't be resumed. */
export async function cancelRun(asking: Asking, id: string): Promise<Run> {
  return await ask(asking, id, "cancelling", ["cancelled", "cancelling"], "there is nothing to cancel");
}

async function ask(
  { backend, by, now = Date.now }: Asking,
  id: string,
  to: "pausing" | "cancelling",
  already: RunState[],
  otherwise: string,
): Promise<Run> {
  const run = await findRun(backend, id);
  if (already.includes(run.state)) return (await settle(backend, run.id, by, now)) ?? run;
  const asked = await backend.runs.move(run.id, statesBefore(to), to, `asked for by ${by}`, eventOf(to, by, now()));
  if (!asked) {
    const { state } = (await backend.runs.get(run.id)) ?? run;
    throw new RequestError(`run_${state}`, `run ${run.id} is ${state}: ${otherwise}`, remedyFor(state, run.id));
  }
  return (await settle(backend, run.id, by, now)) ?? asked;
}

function remedyFor(state: RunState, id: string): string {
  if (isOver(state)) return `see \`bulkpatch report ${id}\``;
  return state === "planning"
    ? `wait until its rows are recorded, or \`bulkpatch cancel ${id}\` ends it`
    : `\`bulkpatch resume ${id}\` goes on, \`bulkpatch cancel ${id}\` ends it`;
}
