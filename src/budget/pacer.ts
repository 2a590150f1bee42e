import type { BudgetAdvice, BudgetAnswer } from "./exchange.ts";
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
  /** What was answered to a question of `askedAt`. */
  hear(answer: Pick<BudgetAnswer, "number" | "flying" | "used" | "strangerRate">, askedAt: number): void;
}

/** A process that followed so much of a window has seen enough to say what somebody else spends. */
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
  /** Requests that had been answered by the last question, of all that were ever sent. */
  let answered = 0;

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
      const knows = Math.min(1, (heardAt - startedAt) / (windowMs() * KNOWS_ENOUGH_SHARE));
      const onTheWay = Math.max(permits.lastNumber() - permit.number, permit.flying);
      const advices: Advice[] = [];
      let fastUpTo = Number.MAX_SAFE_INTEGER;
      const strangerRates: (number | null)[] = [];
      for (const reading of readings) {
        const headroom = headroomOf(reading.name);
        if (heardRate !== null) headroom.hear(heardRate);
        headroom.observe(reading, { ...permit, sentAt: permit.at, heardAt, onTheWay });
        advices.push(headroom.advise(heardAt, evenMs));
        fastUpTo = Math.min(fastUpTo, headroom.fastUpTo(fastMs));
        strangerRates.push(headroom.strangerRate());
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
        strangerRate: knows === 1 ? mostOf(strangerRates) : null,
      };
    },
    takeAdvice() {
      const taken = advice;
      advice = null;
      return taken;
    },
    hear(answer, askedAt) {
      heardRate = answer.strangerRate;
      const isEmptied = answer.number < answered;
      answered = answer.number - answer.flying;
      for (const headroom of limits.values()) {
        if (isEmptied) headroom.restart(askedAt);
        headroom.confirm(answer, askedAt);
      }
    },
  };
}

/** Null where one of them is not known, and the others are 0. */
function mostOf(rates: readonly (number | null)[]): number | null {
  const most = Math.max(0, ...rates.map((rate) => rate ?? 0));
  return most === 0 && rates.includes(null) ? null : most;
}
