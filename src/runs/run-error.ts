import type { RunState } from "./run.ts";

/** What can't be done with a run, by a code that stays the same. `run_<state>`: not while it is in that state. */
export type RunErrorCode =
  | `run_${RunState}`
  | "run_not_found"
  | "run_busy"
  | "run_taken_over"
  | "entries_busy"
  | "backend_evicts"
  | "wrong_account"
  | "safety_limit"
  | "source_changed"
  | "source_gone"
  | "nothing_to_retry"
  | "nothing_to_undo"
  | "no_old_values";

/** What the message speaks of, for whoever words what to do next. */
export interface RunFacts {
  run?: string;
  /** What was asked for. */
  asked?: "pause" | "cancel" | "resume" | "retry" | "undo";
  /** Ids of runs that there are, newest first. */
  near?: string[];
  /** Rows that failed. */
  failed?: number;
  /** Entries that would be updated. */
  changes?: number;
}

/**
 * Something that can't be done with a run. The message says what and why; what to do next depends on where the reader is (a
 * command line, a page), so each face words it from the code and its facts.
 */
export class RunError extends Error {
  override readonly name = "RunError";
  readonly code: RunErrorCode;
  readonly facts: RunFacts;

  constructor(code: RunErrorCode, message: string, facts: RunFacts = {}) {
    super(message);
    this.code = code;
    this.facts = facts;
  }
}
