/** Wrong flags or arguments. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage";
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}
