import { isNetworkError } from "../network-errors.ts";

/** PostgreSQL's codes for a server that goes down or comes up, is full, or chose this statement to end a deadlock. */
const LOST_CODES = /^(57P0[1-5]|08\w{3}|53300|40001|40P01)$/;
/** What `pg` says when the connection broke under a statement. */
const LOST = /Connection terminated|timeout exceeded when trying to connect|not queryable|Query read timeout/;

/** True when the same statement may work in a moment. */
export function isLost(error: unknown): boolean {
  if (isNetworkError(error)) return true;
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return (typeof code === "string" && LOST_CODES.test(code)) || LOST.test(error.message);
}
