import type { Backend } from "../src/backends/backend.ts";
import { isNetworkError } from "../src/backends/network-errors.ts";

const QUIET_MS = 60_000;

/** A job's lock ran out while this process was frozen, or the datastore away. Nothing is wrong: the row has its outcome, or is taken up again. */
const LOCK_LOST = /lock for job|Missing key for job/;

/**
 * A listener for a BullMQ worker's errors, of which an outage of the datastore makes many: tells what an operator should know,
 * each thing once a minute.
 */
export function reportWorkerErrors(
  { address, explain }: Pick<Backend, "address" | "explain">,
  report: (error: Error) => void,
  now: () => number = () => performance.now(),
): (error: Error) => void {
  const quietUntil = new Map<string, number>();
  return (error) => {
    if (LOCK_LOST.test(error.message)) return;
    const trouble = isNetworkError(error)
      ? new Error(
          `the connection to ${address} has trouble (${(error as NodeJS.ErrnoException).code ?? error.message})`,
        )
      : (explain(error) ?? error);
    if (now() < (quietUntil.get(trouble.message) ?? 0)) return;
    quietUntil.set(trouble.message, now() + QUIET_MS);
    report(trouble);
  };
}
