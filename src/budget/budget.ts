import { createHash } from "node:crypto";
import type { BudgetState } from "./budget-state.ts";
import { createPacer } from "./pacer.ts";
import type { Rate } from "../rate.ts";
import { parseRateHeaders, type RateReading } from "./rate-headers.ts";
import { createSlotQueue, type Permit, type Sleep } from "./slot-queue.ts";
import type { AnswerHeaders } from "./rate-headers.ts";

export type { Permit, Sleep } from "./slot-queue.ts";

/*
 * One budget for everybody who uses the token:
 * 1. A caller takes a permit before each request. It gets the next of evenly spaced slots, which all processes reserve from
 *    the backend, and sleeps until then (slot-queue.ts).
 * 2. The headers of each answer tell how much is left. Where somebody else spends too, the slots are spaced wider, for
 *    everybody, so that what is left lasts until the window resets (pacer.ts).
 * 3. A 429 closes the budget for everybody until `retry-after` is over, and makes every reserved slot void.
 */

export interface BudgetOptions extends Rate {
  state: BudgetState;
  /** Whose budget: `budgetKey(token, accountId)`. */
  key: string;
  /** Milliseconds of a clock that never goes back. Default `performance.now`. */
  now?: () => number;
  sleep?: Sleep;
}

export interface Budget {
  /** Resolves when one request may be sent, now. Rejects at once with the signal's reason, or when the backend fails. */
  take(signal?: AbortSignal): Promise<Permit>;
  /** Reads the `Ratelimit` headers of the answer to the request that this permit was for. */
  observe(headers: AnswerHeaders, permit: Permit): void;
  /** The request was answered 429: closes the budget for as long as it says, or for a whole window where it does not. */
  throttled(retryAfterMs: number | null): Promise<void>;
  /** The pace in force, for all processes together. */
  ratePerSecond(): number;
}

/**
 * Slots are this much wider apart than the limit asks for, so that permits which are taken up late (by at most this share
 * of a window) don't bring any window over the limit.
 */
const MARGIN = 0.005;

/** The share of the server's own quota that is used where the configured limit is higher: the rest is for the dashboard. */
const QUOTA_SHARE = 0.95;

export function createBudget(options: BudgetOptions): Budget {
  const { state, key, limit, now = () => performance.now(), sleep = sleepFor } = options;
  const configuredMs = (options.windowMs / limit) * (1 + MARGIN);
  /** The longest that is known of. */
  let windowMs = options.windowMs;
  /** Between requests, where one of the server's own limits is lower than the configured one. */
  const cappedMs = new Map<string, number>();
  let wantedMs = configuredMs;
  let closedUntil = Number.NEGATIVE_INFINITY;

  const slots = createSlotQueue({
    reserve: (count) => state.reserve(key, count, wantedMs),
    look: () => state.look(key),
    wantedMs: () => wantedMs,
    toleranceMs: () => Math.max(2 * MARGIN * windowMs, wantedMs),
    now,
    sleep,
  });
  const pacer = createPacer({ state, key, windowMs: () => windowMs, now, slots });

  function respectQuotas(readings: readonly RateReading[]): void {
    for (const { name, quota, windowSeconds } of readings) {
      if (quota === null || windowSeconds === null) continue;
      const quotaMs = (windowSeconds * 1000) / quota;
      windowMs = Math.max(windowMs, windowSeconds * 1000);
      cappedMs.set(name, quotaMs > options.windowMs / limit ? (quotaMs / QUOTA_SHARE) * (1 + MARGIN) : 0);
    }
    wantedMs = Math.max(configuredMs, ...cappedMs.values());
  }

  return {
    take: (signal) => slots.take(signal),
    observe(headers, permit) {
      const readings = parseRateHeaders(headers);
      if (readings.length === 0) return;
      respectQuotas(readings);
      pacer.observe(readings, permit, wantedMs);
    },
    async throttled(retryAfterMs) {
      // Closed a little longer than asked: a request that comes too early blocks everybody once more.
      const forMs = (retryAfterMs ?? windowMs) + 2 * MARGIN * windowMs;
      if (now() + forMs <= closedUntil + windowMs * MARGIN) return;
      closedUntil = now() + forMs;
      await slots.voidWhile(() => state.close(key, forMs));
    },
    ratePerSecond: () => 1000 / Math.max(wantedMs, slots.intervalMs()),
  };
}

/** A fingerprint of the token's budget that does not give the token away: 16 hexadecimal digits. */
export function budgetKey(token: string, accountId: string): string {
  return createHash("sha256").update(`bulkpatch budget\0${accountId}\0${token}`).digest("hex").slice(0, 16);
}

const sleepFor: Sleep = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
  });
