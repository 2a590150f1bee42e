import { createHash } from "node:crypto";
import type { BudgetState } from "./budget-state.ts";
import { viewBudget, type BudgetView } from "./budget-view.ts";
import type { Pace, Rate } from "../rate.ts";
import { createPacer } from "./pacer.ts";
import { createPermitQueue, type Permit, type Sleep } from "./permit-queue.ts";
import { createPolicies } from "./policies.ts";
import { parseRateHeaders, type AnswerHeaders } from "./rate-headers.ts";

export type { Permit, Sleep } from "./permit-queue.ts";

/*
 * One budget for everybody who uses the token:
 * 1. A caller takes a permit before each request. All processes get them from one ledger in the backend, which never lets
 *    more requests into a window than the limit (ledger.ts).
 * 2. Within that, permits come as fast as the headers of the answers show that enough is left for everybody, else evenly
 *    spaced (pacer.ts, headroom.ts). Who else spends, and how much, shows in what is missing beyond our own requests, between
 *    bounds that hold whatever happens on the way (stranger-watch.ts, spent-bounds.ts). What is left beside him is made to last
 *    until the window resets.
 * 3. A 429 closes the budget for everybody until `retry-after` is over; for an hour after it, permits are evenly spaced.
 */

export interface BudgetOptions extends Rate {
  state: BudgetState;
  /** Whose budget: `budgetKey(token, accountId)`. */
  key: string;
  /** Default `fast`. */
  pace?: Pace;
  /** Milliseconds of a clock that never goes back. Default `performance.now`. */
  now?: () => number;
  sleep?: Sleep;
  /** Told when the datastore's clock had stepped, by how far back; less than 0: forward. */
  onMended?: ((backMs: number) => void) | undefined;
}

/** Permits for requests, shared with all processes that use the same key on the same backend. */
export interface Budget {
  /** Resolves when one request may be sent, now. Rejects at once with the signal's reason, or when the backend fails. */
  take(signal?: AbortSignal): Promise<Permit>;
  /** The request that this permit was for was answered, or failed: from now on it counts for one window more. Once for each. */
  settle(permit: Permit): void;
  /** Reads the `Ratelimit` headers of the answer to the request that this permit was for. */
  observe(headers: AnswerHeaders, permit: Permit): void;
  /** The request was answered 429: closes the budget for as long as it says, or for a whole window where it does not. */
  throttled(retryAfterMs: number | null): Promise<void>;
  /** How it stands now, for everybody who spends from it. */
  look(): Promise<BudgetView>;
  /** The same budget for somebody who waits for a few requests: served before all others. */
  readonly urgent: Budget;
  /** Gives back what was not used. Never rejects. */
  close(): Promise<void>;
}

/** The even pace is a little slower than the limit asks for, so that it does not stumble over the ledger's buckets. */
const MARGIN = 0.005;
/** As many requests a second as may go fast: half of what one address may send. */
const FASTEST_PER_SECOND = 100;
/** A 429 is believed so long; then one request looks again. */
const LONGEST_CLOSURE_MS = 3600_000;
const SECOND = 1000;

/** A process's part of the budget of this key. The caller closes it. */
export function createBudget(options: BudgetOptions): Budget {
  const { state, key, pace = "fast", now = () => performance.now(), sleep = sleepFor, onMended } = options;
  const policies = createPolicies(options);
  const adviser = Math.floor(Math.random() * 2 ** 40) + 1;
  let closedUntil = Number.NEGATIVE_INFINITY;
  /** The budget's time of the last answer, and when it was asked for by our own clock. */
  let heard = { at: 0, askedAt: 0 };

  const evenMs = () => policies.evenMs() * (1 + MARGIN);
  const fastMs = () => Math.max(Math.min(SECOND / FASTEST_PER_SECOND, policies.evenMs()), policies.shortestMs());

  const permits = createPermitQueue({
    now,
    sleep,
    async exchange(ask) {
      const askedAt = now();
      const answer = await state.exchange(key, {
        ...ask,
        heardAt: heard.at,
        sinceMs: askedAt - heard.askedAt,
        rules: policies.rules(),
        fastMs: pace === "fast" ? fastMs() : 0,
        evenMs: evenMs(),
        toleranceMs: Math.max(SECOND / 20, Math.min(SECOND, options.windowMs / 100)),
        adviser,
        advice: pacer.takeAdvice(),
      });
      pacer.hear(answer, askedAt);
      heard = { at: answer.now, askedAt };
      if (answer.mendedMs !== 0) onMended?.(answer.mendedMs);
      return answer;
    },
  });
  const pacer = createPacer({ state, key, windowMs: policies.windowMs, now, permits });

  const common = {
    settle: permits.settle,
    observe(headers: AnswerHeaders, permit: Permit) {
      const readings = parseRateHeaders(headers);
      if (readings.length === 0) return;
      pacer.observe(policies.hear(readings), permit, evenMs(), fastMs());
    },
    async throttled(retryAfterMs: number | null) {
      const windowMs = policies.windowMs();
      // Closed a little longer than asked: a request that comes too early blocks everybody once more.
      const forMs = Math.min(retryAfterMs ?? windowMs, LONGEST_CLOSURE_MS) + 2 * MARGIN * windowMs;
      if (now() + forMs <= closedUntil + windowMs * MARGIN) return;
      closedUntil = now() + forMs;
      permits.holdOff(forMs);
      await state.close(key, forMs, "throttled");
    },
    async look() {
      // What is not known to be answered counts as on its way, which takes longer to end.
      await permits.tellSettled();
      const rule = { limit: options.limit, windowMs: options.windowMs, evenMs: evenMs() };
      return viewBudget(await state.look(key), { ...rule, fastMs: pace === "fast" ? fastMs() : evenMs() });
    },
    close: permits.close,
  };
  const urgent: Budget = {
    ...common,
    take: (signal) => permits.take(signal, true),
    get urgent() {
      return urgent;
    },
  };
  return { ...common, take: (signal) => permits.take(signal, false), urgent };
}

/** A fingerprint of the token's budget that does not give the token away: 16 hexadecimal digits. */
export function budgetKey(token: string, accountId: string): string {
  return createHash("sha256").update(`bulkpatch budget\0${accountId}\0${token}`).digest("hex").slice(0, 16);
}

const sleepFor: Sleep = (ms, signal, inBackground = false) =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    if (inBackground) timer.unref();
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
  });
