/** What can't be done with a schedule, by a code that stays the same. */
export type ScheduleErrorCode =
  | "schedule_not_found"
  | "schedule_newer"
  | "schedule_exists"
  | "wrong_account"
  | "already_asked"
  | "not_held"
  | "no_plan"
  | "digest_changed"
  | "date_over"
  | "nothing_differs";

/** What the message speaks of, for whoever words what to do next. */
export interface ScheduleFacts {
  schedule: string;
  /** Names of schedules that there are. */
  names?: string[];
  /** The person whom it is about. */
  email?: string;
}

/**
 * Something that can't be done with a schedule. The message says what and why; what to do next depends on where the reader is (a
 * command line, a page), so each face words it from the code and its facts.
 */
export class ScheduleError extends Error {
  override readonly name = "ScheduleError";
  readonly code: ScheduleErrorCode;
  readonly facts: ScheduleFacts;

  constructor(code: ScheduleErrorCode, message: string, facts: ScheduleFacts) {
    super(message);
    this.code = code;
    this.facts = facts;
  }
}
