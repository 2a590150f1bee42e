/** A setting that a schedule can't have, by a code that stays the same. */
export type SettingsErrorCode =
  | "bad_name"
  | "bad_cron"
  | "cron_never"
  | "bad_time_zone"
  | "bad_not_during"
  | "address_not_https"
  | "contradiction";

/**
 * A setting that a schedule can't have. The message says what was expected and found; how it is written depends on where the
 * reader is (flags, fields), so each face words that from the code.
 */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly code: SettingsErrorCode;

  constructor(code: SettingsErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Several such settings of one schedule, in `problems`. */
export class ScheduleInvalidError extends Error {
  override readonly name = "ScheduleInvalidError";
  readonly code = "schedule_invalid";
  readonly problems: readonly SettingsError[];

  constructor(problems: readonly SettingsError[]) {
    super(`${problems.length} things are wrong with the schedule`);
    this.problems = problems;
  }
}

/** The settings of a schedule that can't be, explained with how each is written where the reader is; null for any other error. */
export function explainSettings(
  error: unknown,
  howToWrite: Record<SettingsErrorCode, string>,
): { code: string; message: string; remedy: string } | null {
  if (error instanceof SettingsError) {
    return { code: error.code, message: error.message, remedy: howToWrite[error.code] };
  }
  if (!(error instanceof ScheduleInvalidError)) return null;
  const lines = error.problems.map(({ code, message }) => `${message}; ${howToWrite[code]}`);
  return {
    code: error.code,
    message: `${error.message}:\n  ${lines.join("\n  ")}`,
    remedy: "correct them all and try again",
  };
}
