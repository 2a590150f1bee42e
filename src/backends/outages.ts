import type { BackendLogger } from "./logger.ts";

const QUIET_MS = 60_000;

/**
 * A listener for the errors of connections, queues and workers, of which an outage makes many: it logs the first, then one a
 * minute. Errors that say nothing about the connection are for the listeners of whoever opened the queue or worker.
 */
export function reportOutages(
  address: string,
  logger: BackendLogger,
  isLost: (error: unknown) => boolean,
): (error: Error) => void {
  let quietUntil = -Infinity;
  return (error) => {
    if (!isLost(error) || performance.now() < quietUntil) return;
    quietUntil = performance.now() + QUIET_MS;
    const code = (error as NodeJS.ErrnoException).code ?? error.message;
    logger.warn({ backend: address, code }, "The connection to the backend is lost; trying again");
  };
}
