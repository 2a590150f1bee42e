import { setTimeout as sleepFor } from "node:timers/promises";
import { outageDelayMs } from "./outage-delay.ts";

export interface OutageGateOptions {
  /** The first pause, milliseconds; each further one is twice as long, up to twelve times the first, and as long as the API asks for. */
  firstPauseMs: number;
  /** Told when the gate closes, and again after each row that was let through in vain. */
  onClosed: (pauseMs: number) => void;
  onOpened: () => void;
  /** Rows in a row that must fail before it closes, default 5. */
  failures?: number;
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  random?: () => number;
}

/** What a row's try said about the API: it answered, it did not (perhaps asking to wait for so long), or nothing is known. */
export type Sign = "answered" | "failed" | { askedMs: number } | "unknown";

/**
 * Holds rows back while nothing works. When one row after the other fails for a reason that may pass, the gate closes: only one
 * row at a time is let through, after pauses that grow; the others are sent away, as another process may have more luck. The
 * first answer opens it for all. So an outage costs few rows an attempt, however many wait, and the API meets no storm when it
 * comes back.
 */
export class OutageGate {
  readonly #options: Required<OutageGateOptions>;
  #failed = 0;
  #pauses = 0;
  #askedMs: number | null = null;
  #probing = false;
  /** The pause is over, and no row was tried since. */
  #rested = false;
  #resting: Promise<void> | null = null;
  #opened = new AbortController();

  constructor(options: OutageGateOptions) {
    this.#options = { failures: 5, sleep, random: Math.random, ...options };
  }

  /**
   * Does `work` when the row may be tried, and learns from what came of it. Answers null where it may not be now. Rejects with
   * the signal's reason while it waits.
   */
  async pass<T>(signal: AbortSignal, work: () => Promise<T>, signOf: (result: T) => Sign): Promise<T | null> {
    if (!this.isClosed) return await this.#watch(work, signOf, false);
    if (this.#probing) return null;
    this.#probing = true;
    try {
      if (!this.#rested) await this.#pause(signal);
      this.#rested = false;
      return await this.#watch(work, signOf, true);
    } finally {
      this.#probing = false;
    }
  }

  /** Whether a row that passes now would have to wait, or would be sent away. */
  get isBusy(): boolean {
    return this.isClosed && (this.#probing || !this.#rested);
  }

  /** Where it is closed, waits out the pause, so that the next row need not. Rejects with the signal's reason. */
  async rest(signal: AbortSignal): Promise<void> {
    if (!this.isClosed) return;
    this.#resting ??= this.#pause(signal).finally(() => {
      this.#resting = null;
    });
    await this.#resting;
    this.#rested = true;
  }

  get isClosed(): boolean {
    return this.#failed >= this.#options.failures;
  }

  async #watch<T>(work: () => Promise<T>, signOf: (result: T) => Sign, isProbe: boolean): Promise<T> {
    const result = await work();
    const sign = signOf(result);
    if (sign === "answered") this.#open();
    else if (sign !== "unknown") this.#countFailure(isProbe, sign === "failed" ? null : sign.askedMs);
    return result;
  }

  #open(): void {
    const wasClosed = this.isClosed;
    this.#failed = 0;
    this.#pauses = 0;
    if (!wasClosed) return;
    this.#opened.abort();
    this.#opened = new AbortController();
    this.#options.onOpened();
  }

  #countFailure(isProbe: boolean, askedMs: number | null): void {
    this.#failed += 1;
    this.#askedMs = askedMs;
    // a probe may fail when another row's answer has opened the gate already
    if (isProbe ? !this.isClosed : this.#failed !== this.#options.failures) return;
    this.#rested = false;
    this.#pauses += 1;
    this.#options.onClosed(this.#pauseMs());
  }

  /** Ends early when the gate opens. */
  async #pause(signal: AbortSignal): Promise<void> {
    const opened = this.#opened.signal;
    await this.#options.sleep(this.#pauseMs(), AbortSignal.any([signal, opened])).catch((error: unknown) => {
      if (!opened.aborted) throw error;
    });
  }

  #pauseMs(): number {
    const { firstPauseMs, random } = this.#options;
    const askedMs = this.#askedMs;
    return outageDelayMs(Math.max(1, this.#pauses), { firstMs: firstPauseMs, longest: 12, askedMs, random });
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await sleepFor(ms, undefined, { signal });
}
