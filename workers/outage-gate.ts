import { setTimeout as sleepFor } from "node:timers/promises";
import { outageDelayMs } from "./outage-delay.ts";

export interface OutageGateOptions {
  /** The first pause, milliseconds; each further one is twice as long, up to twelve times the first. */
  firstPauseMs: number;
  /** Told when the gate closes, and again after each row that was let through in vain. */
  onClosed: (pauseMs: number) => void;
  /** Rows in a row that must fail before it closes, default 5. */
  failures?: number;
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  random?: () => number;
}

/** What a row's try said about the API: it answered, it did not, or nothing is known. */
export type Sign = "answered" | "failed" | "unknown";

/**
 * Holds rows back while nothing works. When one row after the other fails for a reason that may pass, the next ones wait here,
 * and only one at a time is let through, after pauses that grow; the first answer opens the gate for all. So an outage costs
 * few rows an attempt, however many wait, and the API meets no storm when it comes back.
 */
export class OutageGate {
  readonly #options: Required<OutageGateOptions>;
  #failed = 0;
  #pauses = 0;
  #probing = false;
  #changed = Promise.withResolvers<void>();

  constructor(options: OutageGateOptions) {
    this.#options = { failures: 5, sleep: sleepUntilAborted, random: Math.random, ...options };
  }

  /** Does `work` when rows may be tried, and learns from what came of it. Rejects with the signal's reason while it waits. */
  async pass<T>(signal: AbortSignal, work: () => Promise<T>, signOf: (result: T) => Sign): Promise<T> {
    const isProbe = await this.#wait(signal);
    let sign: Sign = "unknown";
    try {
      const result = await work();
      sign = signOf(result);
      return result;
    } finally {
      this.#learn(sign, isProbe);
    }
  }

  get isClosed(): boolean {
    return this.#failed >= this.#options.failures;
  }

  /** Answers whether the caller is the one that is let through. */
  async #wait(signal: AbortSignal): Promise<boolean> {
    while (this.isClosed) {
      signal.throwIfAborted();
      if (this.#probing) {
        await untilAborted(this.#changed.promise, signal);
        continue;
      }
      this.#probing = true;
      try {
        await this.#options.sleep(this.#pauseMs(), signal);
        return true;
      } catch (error) {
        this.#learn("unknown", true);
        throw error;
      }
    }
    return false;
  }

  #learn(sign: Sign, isProbe: boolean): void {
    if (isProbe) this.#probing = false;
    if (sign === "answered") {
      this.#failed = 0;
      this.#pauses = 0;
    } else if (sign === "failed") {
      this.#failed += 1;
      const closes = this.#failed === this.#options.failures;
      if (closes || isProbe) {
        this.#pauses += 1;
        this.#options.onClosed(this.#pauseMs());
      }
    }
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #pauseMs(): number {
    const { firstPauseMs, random } = this.#options;
    return outageDelayMs(Math.max(1, this.#pauses), { firstMs: firstPauseMs, longest: 12, random });
  }
}

async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  await sleepFor(ms, undefined, { signal });
}

async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
