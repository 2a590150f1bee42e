import { isNetworkError } from "../network-errors.ts";

/** What ioredis says when the connection broke under a command, and Redis while it restarts or hands over. */
const LOST = /^(LOADING|MASTERDOWN|READONLY|UNBLOCKED)\b|Connection is closed|Stream isn't writeable|Socket timeout/;
const LOST_NAMES = new Set(["MaxRetriesPerRequestError", "AbortError"]);

/** True when the same command may work in a moment. */
export function isLost(error: unknown): boolean {
  return isNetworkError(error) || (error instanceof Error && (LOST_NAMES.has(error.name) || LOST.test(error.message)));
}

/** The error without its command's arguments, which ioredis hangs on it: a password may be among them, or people's data. */
export function withoutArguments(error: unknown): unknown {
  if (error instanceof Error) delete (error as { command?: unknown }).command;
  return error;
}
