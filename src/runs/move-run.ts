import { eventOf } from "./actor.ts";
import type { Fence } from "./leases.ts";
import type { Run, RunEvent, RunReason, RunState } from "./run.ts";
import type { RunStore } from "./run-store.ts";
import { reasonToMove, statesBefore } from "./states.ts";

/** Who moves a run, why, and from where it may be moved. */
export interface Move {
  /** `user@host`. */
  by: string;
  now: () => number;
  /** Why it is in the new state; null where the state says it all. */
  reason?: RunReason | null;
  /** Only from one of these; default: every state from which the table allows it. */
  from?: readonly RunState[];
  /** How the history calls it, default the new state. */
  what?: string;
  /** What the history says besides, default the reason. */
  detail?: string;
  /** The move happens only while this lease is held; otherwise LeaseLostError is thrown. */
  fence?: Fence;
}

/**
 * Moves a run to another state, by the table of moves; nothing else changes a run's state. Answers the run as it is then, or
 * null when it is in none of the states from which it may move (or is gone). Safe to repeat, and safe when several do it at once.
 */
export async function moveRun(
  runs: Pick<RunStore, "move">,
  id: string,
  to: RunState,
  { by, now, reason = null, from = statesBefore(to), what = to, detail, fence }: Move,
): Promise<Run | null> {
  const forbidden = from.find((state) => reasonToMove(state, to) === null);
  if (forbidden !== undefined) throw new Error(`The table of moves has no arrow from ${forbidden} to ${to}`);
  const event = { ...eventOf(what, by, now(), detail ?? reason?.message ?? null), ...withoutMessage(reason) };
  return await runs.move(id, from, to, reason?.message ?? null, event, { fence });
}

/** Writes into a run's history without moving it. Null when it has moved meanwhile. */
export async function noteInHistory(
  runs: Pick<RunStore, "move">,
  run: Run,
  what: string,
  { by, now, detail, fence, requests }: Pick<Move, "by" | "now" | "detail" | "fence"> & Pick<RunEvent, "requests">,
): Promise<Run | null> {
  const event = { ...eventOf(what, by, now(), detail ?? null), ...(requests !== undefined && { requests }) };
  return await runs.move(run.id, [run.state], run.state, run.reason, event, { fence });
}

/** Why a run is in its state, with the code by which a face words what to do next; null where there is no reason. */
export function reasonOf(run: Run): RunReason | null {
  if (run.reason === null) return null;
  const told = run.events.findLast(({ code }) => code !== undefined);
  return {
    code: told?.code ?? "asked",
    message: run.reason,
    ...(told?.changes !== undefined && { changes: told.changes }),
  };
}

function withoutMessage(reason: RunReason | null): Omit<RunReason, "message"> | null {
  if (reason === null) return null;
  const { message: _, ...facts } = reason;
  return facts;
}
