import type { BudgetAdvice } from "./exchange.ts";
import type { BudgetState } from "./budget-state.ts";
import { createHeadroom, type Advice, type Headroom } from "./headroom.ts";
import type { PermitQueue, Permit } from "./permit-queue.ts";
import type { RateReading } from "./rate-headers.ts";

/** Finds out from the headers what all processes may do, and closes the budget while nothing is left. */
export interface Pacer {
  /** `evenMs` and `fastMs`: between requests at the even pace and at the fast one. */
  observe(readings: readonly RateReading[], permit: Permit, evenMs: number, fastMs: number): void;
  /** What there is to say since the last call; null: nothing. */
  takeAdvice(): BudgetAdvice | null;
  /** What is known to all of the stranger, requests a millisecond. */
  hear(strangerRate: number | null): void;
}

/** A process that followed less of a window than this does not overrule what others found out. */
const KNOWS_ENOUGH_SHARE = 0.1;
/** What the headers said is believed so long, where no answer renews it. */
const FAST_SHARE = 1 / 20;

export function createPacer(options: {
  state: BudgetState;
  key: string;
  windowMs: () => number;
  now: () => number;
  permits: PermitQueue;
}): Pacer {
  const { state, key, windowMs, now, permits } = options;
  const limits = new Map<string, Headroom>();
  let startedAt: number | null = null;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let advice: BudgetAdvice | null = null;
  let heardRate: number | null = null;

  function headroomOf(name: string): Headroom {
    const headroom = limits.get(name) ?? createHeadroom(windowMs());
    limits.set(name, headroom);
    return headroom;
  }

  function pause(forMs: number): void {
    const until = now() + forMs;
    if (until <= pausedUntil + windowMs() / 100) return;
    pausedUntil = until;
    permits.holdOff(forMs);
    // Where the write fails, the next answer asks for it again.
    state.close(key, forMs, "used_up").catch(() => (pausedUntil = Number.NEGATIVE_INFINITY));
  }

  return {
    observe(readings, permit, evenMs, fastMs) {
      const heardAt = now();
      startedAt ??= heardAt;
      const knows = heardAt - startedAt >= windowMs() * KNOWS_ENOUGH_SHARE;
      const onTheWay = Math.max(permits.lastNumber() - permit.number, permit.flying);
      const advices: Advice[] = [];
      let fastUpTo = Number.MAX_SAFE_INTEGER;
      let strangerRate = 0;
      for (const reading of readings) {
        const headroom = headroomOf(reading.name);
        if (heardRate !== null) headroom.hear(heardRate);
        headroom.observe(reading, { ...permit, sentAt: permit.at, heardAt, onTheWay });
        advices.push(headroom.advise(heardAt, evenMs));
        fastUpTo = Math.min(fastUpTo, headroom.fastUpTo(fastMs));
        strangerRate = Math.max(strangerRate, headroom.strangerRate());
      }
      const pauseMs = Math.max(0, ...advices.map((one) => (one.kind === "pause" ? one.forMs : 0)));
      if (pauseMs > 0) return pause(pauseMs);
      const paceMs = Math.max(evenMs, ...advices.map((one) => (one.kind === "pace" ? one.intervalMs : 0)));
      advice = {
        knows,
        fastUpTo: Math.max(0, Math.floor(fastUpTo)),
        fastForMs: windowMs() * FAST_SHARE,
        slowMs: paceMs > evenMs ? paceMs : 0,
        slowForMs: 2 * windowMs(),
        strangerRate: knows ? strangerRate : null,
      };
    },
    takeAdvice() {
      const taken = advice;
      advice = null;
      return taken;
    },
    hear(rate) {
      heardRate = rate;
    },
  };
}
