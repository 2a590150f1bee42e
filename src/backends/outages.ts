import type { BackendLogger } from "./logger.ts";

const QUIET_MS = 60_000;

/** A listener for a connection's errors, of which there are many in an outage: it logs the first, then one a minute. */
export function reportOutages(address: string, logger: BackendLogger): (error: Error) => void {
  let quietUntil = -Infinity;
  return (error) => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + QUIET_MS;
    const code = (error as NodeJS.ErrnoException).code ?? error.message;
    logger.warn({ backend: address, code }, "The connection to the backend has trouble; trying again");
  };
}
