import { BackendError, type BackendErrorCode } from "../backend-error.ts";
import { isNetworkError } from "../network-errors.ts";

/** PostgreSQL's codes for a server that goes down or comes up, has no connection left, or chose this statement to end a deadlock. */
const LOST_CODES = /^(57P0[1-5]|08\w{3}|53300|40001|40P01)$/;
/** What `pg` says when the connection broke under a statement. */
const LOST = /Connection terminated|timeout exceeded when trying to connect|not queryable|Query read timeout/;

/** True when the connection broke, or the server restarts. */
export function isLost(error: unknown): boolean {
  if (isNetworkError(error)) return true;
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return (typeof code === "string" && LOST_CODES.test(code)) || LOST.test(error.message);
}

const GOES_ON = "then resume the run: what was recorded is kept";

const tablesGone = (address: string, message: string): [BackendErrorCode, string, string] => [
  "data_gone",
  `What bulkpatch kept in PostgreSQL at ${address} is gone (${message})`,
  "Bring it back from a backup, or run the command again, which makes its tables anew; a plan of the same file shows what is still to do",
];

/** What else PostgreSQL says of itself, never of the statement, by its code: none of it was done. */
const CONDITIONS: Record<string, (address: string, message: string) => [BackendErrorCode, string, string]> = {
  "57014": (address, message) => [
    "backend_busy",
    `PostgreSQL at ${address} ended a statement before it was done (${message})`,
    `Raise statement_timeout for this user (ALTER ROLE … SET statement_timeout = '60s'); ${GOES_ON}`,
  ],
  "55P03": (address, message) => [
    "backend_busy",
    `PostgreSQL at ${address} waited too long for a lock (${message})`,
    `See who holds it (pg_locks), or raise lock_timeout for this user; ${GOES_ON}`,
  ],
  // No such table, schema, function.
  "42P01": tablesGone,
  "3F000": tablesGone,
  "42883": tablesGone,
  "53100": (address) => ["backend_full", `The disk of PostgreSQL at ${address} is full`, `Make room on it; ${GOES_ON}`],
  "53200": (address) => ["backend_full", `PostgreSQL at ${address} has no memory left`, `Give it more; ${GOES_ON}`],
  "25006": (address) => [
    "backend_permission",
    `PostgreSQL at ${address} can only be read at the moment`,
    "Name the server that can be written in BULKPATCH_BACKEND_URL",
  ],
  "42501": (address, message) => [
    "backend_permission",
    `PostgreSQL at ${address} does not let this user do what is needed (${message})`,
    "GRANT ALL on the schemas bulkpatch and bullmq, and all that is in them, to this user; or name another in BULKPATCH_BACKEND_URL",
  ],
};

/** One line and what to do, for what PostgreSQL says of itself; null for any other error. */
export function explainPostgres(address: string, error: unknown): BackendError | null {
  const { code, message } = error as { code?: unknown; message?: string };
  const condition = typeof code === "string" ? CONDITIONS[code] : undefined;
  return condition === undefined ? null : new BackendError(...condition(address, message ?? ""), error);
}
