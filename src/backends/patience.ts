import { setTimeout as sleep } from "node:timers/promises";
import { BackendError } from "./backend-error.ts";

export interface Patience {
  /** Of the backend, for the message. */
  address: string;
  /** True for errors that say that the connection broke or the server restarts, so that the same call may work in a moment. */
  isLost: (error: unknown) => boolean;
  /** Aborted when the backend is closed: nothing is waited for any more. */
  closing: AbortSignal;
  /** How long to go on trying, milliseconds. Default one minute: a restart of the server passes unnoticed. */
  forMs?: number;
}

/**
 * Repeats a call whose connection was lost, with growing pauses, until it is answered. Every call that goes through here is
 * safe to repeat, as its answer may be what was lost. Throws BackendError `backend_lost` when time is up; other errors at once.
 */
export async function patiently<T>(call: () => Promise<T>, patience: Patience): Promise<T> {
  const { address, isLost, closing, forMs = 60_000 } = patience;
  const giveUpAt = performance.now() + forMs;
  for (let pauseMs = 25; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
    try {
      return await call();
    } catch (error) {
      if (!isLost(error)) throw error;
      if (!closing.aborted && performance.now() + pauseMs > giveUpAt) throw lost(address, error);
      await sleep(pauseMs, undefined, { signal: closing }).catch(() => {
        throw closed(address, error);
      });
    }
  }
}

function lost(address: string, cause: unknown): BackendError {
  return new BackendError(
    "backend_lost",
    `The connection to ${address} was lost and did not come back`,
    "Start the server again, then resume the run: what was recorded is kept",
    cause,
  );
}

function closed(address: string, cause: unknown): BackendError {
  return new BackendError(
    "backend_lost",
    `The connection to ${address} was closed before it answered`,
    "Run the command again",
    cause,
  );
}
