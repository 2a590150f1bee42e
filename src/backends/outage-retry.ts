import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { BackendError } from "./backend-error.ts";

export interface OutageRetryOptions {
  /** Of the backend, for the message. */
  address: string;
  /** True for errors that say that the connection broke or the server restarts, so that the same call may work in a moment. */
  isLost: (error: unknown) => boolean;
  /** What the server says of itself (it is full, busy, forbids something), in one line; null for any other error. */
  explain?: (error: unknown) => BackendError | null;
  /** How long to go on trying, milliseconds. Default one minute: a restart of the server passes unnoticed. */
  forMs?: number;
}

/**
 * Repeats a call whose connection was lost, or which the server could not serve just then, with growing pauses, until it is
 * answered. Every call that goes through here is safe to repeat, as its answer may be what was lost. Nothing that waits outlives
 * `close`.
 */
export class OutageRetry {
  readonly #options: OutageRetryOptions;
  readonly #closing = new AbortController();
  /** Ends each call that waits, whatever the driver does with it: ioredis forgets commands when it is closed while it reconnects. */
  readonly #waiting = new Set<(reason: unknown) => void>();

  constructor(options: OutageRetryOptions) {
    this.#options = options;
  }

  /** Throws BackendError (`backend_lost`, or what the server says of itself) when time is up or the backend is closed; other errors at once. */
  async call<T>(work: () => Promise<T>): Promise<T> {
    const ended = Promise.withResolvers<never>();
    this.#waiting.add(ended.reject);
    try {
      return await Promise.race([this.#repeat(work), ended.promise]);
    } finally {
      this.#waiting.delete(ended.reject);
    }
  }

  close(): void {
    this.#closing.abort();
    for (const end of this.#waiting) end(this.#closed());
  }

  async #repeat<T>(work: () => Promise<T>): Promise<T> {
    const { isLost, explain = () => null, forMs = 60_000 } = this.#options;
    const giveUpAt = performance.now() + forMs;
    for (let pauseMs = 25; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
      try {
        return await work();
      } catch (error) {
        const explained = explain(error);
        if (!isLost(error) && !explained?.mayPass) throw explained ?? error;
        if (this.#closing.signal.aborted) {
          await turn(); // a worker that outlives its backend asks again at once, and must let others come in between
          throw this.#closed(error);
        }
        if (performance.now() + pauseMs > giveUpAt) throw explained ?? this.#lost(error);
        await sleep(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => {});
      }
    }
  }

  #lost(cause: unknown): BackendError {
    return new BackendError(
      "backend_lost",
      `The connection to ${this.#options.address} was lost and did not come back`,
      "Start the server again, then resume the run: what was recorded is kept",
      cause,
    );
  }

  #closed(cause?: unknown): BackendError {
    return new BackendError(
      "backend_lost",
      `The connection to ${this.#options.address} was closed before it answered`,
      "Run the command again",
      cause,
    );
  }
}
