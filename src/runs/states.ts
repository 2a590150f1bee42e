import { RUN_STATES, type RunState } from "./run.ts";

/** Every move that a run may make, with the reason beside each arrow. What is not here is not allowed. */
const MOVES: Record<RunState, { [To in RunState]?: string }> = {
  planning: {
    queueing: "every row is recorded",
    interrupted: "the producer stopped while rows were being recorded",
    cancelling: "asked for by an operator",
    halted: "the safety limit, or credentials that do not work",
  },
  queueing: {
    running: "every entry to update has its job",
    interrupted: "the producer stopped while jobs were being added",
    pausing: "asked for by an operator",
    cancelling: "asked for by an operator",
    halted: "credentials that do not work",
  },
  running: {
    pausing: "asked for by an operator, or the same error on many rows",
    cancelling: "asked for by an operator",
    halted: "credentials that do not work; no row is to blame",
    finished: "every row has its outcome",
  },
  pausing: {
    paused: "nothing is in flight any more",
    running: "resumed before it came to rest",
    queueing: "resumed before it came to rest, and some entries have no job yet",
    cancelling: "asked for by an operator",
    halted: "a call that was in flight found that the credentials do not work",
  },
  paused: {
    running: "resumed",
    queueing: "resumed, and some entries have no job yet",
    cancelling: "asked for by an operator",
    finished: "the last rows ended while it came to rest",
  },
  halted: {
    running: "resumed after the fix",
    queueing: "resumed, and some entries have no job yet",
    cancelling: "asked for by an operator",
  },
  interrupted: {
    halted: "the safety limit: what is recorded now is more than the run may update",
    planning: "resumed: the rest of the rows is read from the source again",
    queueing: "resumed: jobs are added for what is recorded",
    cancelling: "asked for by an operator",
  },
  cancelling: {
    cancelled: "nothing is in flight any more and what was not tried is recorded so",
  },
  cancelled: {},
  finished: {},
};

/** The states from which a run may move to `to`. */
export function statesBefore(to: RunState): RunState[] {
  return RUN_STATES.filter((from) => MOVES[from][to] !== undefined);
}

/** Why this move exists; null when it is not allowed. */
export function reasonToMove(from: RunState, to: RunState): string | null {
  return MOVES[from][to] ?? null;
}

/** No outcome will be added any more. */
export function isOver(state: RunState): state is "finished" | "cancelled" {
  return state === "finished" || state === "cancelled";
}

/** The states of runs that have outcomes to come. */
export const UNFINISHED_STATES: readonly RunState[] = RUN_STATES.filter((state) => !isOver(state));

/** Nothing will happen to it until somebody asks: it is over, or waits for an operator. */
export function isAtRest(state: RunState): boolean {
  return isOver(state) || state === "paused" || state === "halted" || state === "interrupted";
}

/** Workers send for a run in this state and in no other. */
export function isWorking(state: RunState): boolean {
  return state === "running";
}
