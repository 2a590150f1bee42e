/**
 * An error that a person can act on: `message` says in one line what was being done, to which thing, what was
 * expected and what was found; `remedy` says what to do next; `code` is stable, for scripts.
 * Anything thrown that is not of this shape is our own bug, and shows its stack.
 */
export interface ExplainedError extends Error {
  readonly code: string;
  readonly remedy: string;
}

/** Whether it is an error that a person can act on. */
export function isExplained(error: unknown): error is ExplainedError {
  return (
    error instanceof Error &&
    typeof (error as Partial<ExplainedError>).code === "string" &&
    typeof (error as Partial<ExplainedError>).remedy === "string"
  );
}

/** Somebody stopped it: no failure, and it can go on. */
export class InterruptedError extends Error implements ExplainedError {
  override readonly name = "InterruptedError";
  readonly code = "interrupted";
  readonly remedy: string;
  /** The run that can go on, where there is one. */
  readonly run: string | null;
  constructor(message: string, remedy: string, run: string | null = null) {
    super(message);
    this.remedy = remedy;
    this.run = run;
  }
}

/** Something that can't be done the way it was asked for. */
export class RequestError extends Error implements ExplainedError {
  override readonly name = "RequestError";
  readonly code: string;
  readonly remedy: string;
  constructor(code: string, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }
}
