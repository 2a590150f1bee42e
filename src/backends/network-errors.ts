/** What Node says when a connection could not be made, or broke. */
const CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/** The connection was not made, or broke. */
export function isNetworkError(error: unknown): boolean {
  const { code, errors } = error as { code?: unknown; errors?: unknown };
  if (typeof code === "string" && CODES.has(code)) return true;
  // A host with several addresses, none of which answered.
  return Array.isArray(errors) && errors.some(isNetworkError);
}
