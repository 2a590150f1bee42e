/** What can't be done with a plan file, by a code that stays the same. */
export type PlanFileErrorCode =
  | "plan_file_unreadable"
  | "plan_file_form"
  | "plan_file_version"
  | "plan_file_altered"
  | "plan_other_account"
  | "plan_carried_out"
  | "plan_changed";

/** What the message speaks of, for whoever words what to do next. */
export interface PlanErrorFacts {
  path: string;
  /** The run that carried it out. */
  run?: string;
}

/**
 * Something that can't be done with a plan file. The message says what and why; each face words what to do next from the code and
 * its facts.
 */
export class PlanFileError extends Error {
  override readonly name = "PlanFileError";
  readonly code: PlanFileErrorCode;
  readonly facts: PlanErrorFacts;

  constructor(code: PlanFileErrorCode, message: string, facts: PlanErrorFacts) {
    super(message);
    this.code = code;
    this.facts = facts;
  }
}
