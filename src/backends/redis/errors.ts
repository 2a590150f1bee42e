import { BackendError } from "../backend-error.ts";
import { isNetworkError } from "../network-errors.ts";

/** What ioredis says when the connection broke under a command, and Redis while it restarts or hands over. */
const LOST = /^(LOADING|MASTERDOWN|READONLY|UNBLOCKED)\b|Connection is closed|Stream isn't writeable|Socket timeout/;
const LOST_NAMES = new Set(["MaxRetriesPerRequestError", "AbortError"]);

/** True when the connection broke, or the server restarts. */
export function isLost(error: unknown): boolean {
  return isNetworkError(error) || (error instanceof Error && (LOST_NAMES.has(error.name) || LOST.test(error.message)));
}

/** What else Redis says of itself, never of the command: none of it was done. The first that fits counts. */
const CONDITIONS: [says: RegExp, explain: (address: string, error: Error) => BackendError][] = [
  [
    /\bOOM\b/,
    (address, error) =>
      new BackendError(
        "backend_full",
        `Redis at ${address} has no memory left (maxmemory), so it takes nothing more`,
        "Give it more (maxmemory), or let it forget old runs (BULKPATCH_KEEP_DAYS); then resume the run: what was recorded is kept",
        error,
      ),
  ],
  [
    /^LOADING\b/,
    (address, error) =>
      new BackendError(
        "backend_busy",
        `Redis at ${address} is still loading its data`,
        "Wait until it is ready",
        error,
      ),
  ],
  [
    /^BUSY\b/,
    (address, error) =>
      new BackendError(
        "backend_busy",
        `Redis at ${address} is busy with somebody's script and answers nothing else`,
        "Wait for that script, or end it (redis-cli SCRIPT KILL); then resume the run: what was recorded is kept",
        error,
      ),
  ],
  [
    /^(MISCONF|NOREPLICAS)\b/,
    (address, error) =>
      new BackendError(
        "backend_full",
        `Redis at ${address} can't keep what it is told (${error.message.split(".")[0]})`,
        "See to its disk and replicas (its log says more); then resume the run: what was recorded is kept",
        error,
      ),
  ],
  [
    /NOPERM|can't run this command|can't access/i,
    (address, error) =>
      new BackendError(
        "backend_permission",
        `Redis at ${address} does not let this user do what is needed (${firstLine(error.message)})`,
        "Allow it (ACL SETUSER … +@all ~bulkpatch:* &*), or name another user in BULKPATCH_BACKEND_URL",
        error,
      ),
  ],
];

/** One line and what to do, for what Redis says of itself; null for any other error. */
export function explainRedis(address: string, error: unknown): BackendError | null {
  if (!(error instanceof Error)) return null;
  const [, explain] = CONDITIONS.find(([says]) => says.test(error.message)) ?? [];
  return explain?.(address, error) ?? null;
}

/** The error without its command's arguments, which ioredis hangs on it: a password may be among them, or people's data. */
export function withoutArguments(error: unknown): unknown {
  if (error instanceof Error) delete (error as { command?: unknown }).command;
  return error;
}

function firstLine(message: string): string {
  return message.split("\n")[0]!.slice(0, 120);
}
