/* What processes and the shared part of the budget say to each other. Times are in milliseconds. */

/** `throttled`: the API answered 429. `used_up`: its headers say that nothing is left until the window resets. */
export type ClosedReason = "throttled" | "used_up";

/** The reason as a number, as a datastore keeps it. */
export const CLOSED_CODES = { throttled: 1, used_up: 2 } as const satisfies Record<ClosedReason, number>;

export interface BudgetAsk {
  /** Permits, 0 or more. */
  want: number;
  /** Somebody waits who is served before all others, and from the share that is kept for this. */
  urgent: boolean;
  /** Limit and window in milliseconds of each rule that holds, one after the other: at least one. */
  rules: readonly number[];
  /** Between permits that may go fast, milliseconds; 0: none may. */
  fastMs: number;
  /** Between permits at the even pace. */
  evenMs: number;
  /** How late an evenly spaced permit may be taken up without slowing the next ones. */
  toleranceMs: number;
  /** Stamp, milliseconds since the answer, and count: of permits whose request was answered, or failed. */
  settled: readonly number[];
  /** Stamp and count: of permits that were not used. */
  returned: readonly number[];
  /** `now` of the answer that this process heard last, and how long ago it asked for it by its own clock; 0: none yet. */
  heardAt: number;
  sinceMs: number;
  /** A number of this process's own. */
  adviser: number;
  advice: BudgetAdvice | null;
}

/** What the API's headers told a process, for all of them. */
export interface BudgetAdvice {
  /**
   * 1: the process has followed the headers long enough; else so large a share of that, up to 1. Whoever has followed them for
   * less does not overrule another's advice.
   */
  knows: number;
  /** Permits may go fast until this number was given. */
  fastUpTo: number;
  fastForMs: number;
  /** The even pace is no faster than this; 0: as it is. */
  slowMs: number;
  slowForMs: number;
  /** Requests a millisecond that somebody else spends; null: not known. */
  strangerRate: number | null;
}

export interface BudgetAnswer {
  granted: number;
  /** To be quoted when one of these permits is settled or returned. */
  stamp: number;
  /** Permits given so far to all processes, these included, without those that were returned. */
  number: number;
  /** Of these, how many may still be on their way. */
  flying: number;
  /** Requests that the first rule counts now. */
  used: number;
  /** When it is worth asking again, where fewer were granted than wanted. */
  retryInMs: number;
  /** 0: open. */
  closedForMs: number;
  /** Between permits at the even pace in force. */
  paceMs: number;
  /** As advised last; null: not known. */
  strangerRate: number | null;
  /** By how far the datastore's clock had stepped since the last call, back or (less than 0) forward, where it did; else 0. */
  mendedMs: number;
  /** The time by which the budget counts. */
  now: number;
}

/** What a datastore answers: the numbers in the order of BudgetAnswer, -1 where the stranger's rate is not known. */
export function answerOf(numbers: readonly number[]): BudgetAnswer {
  const [granted, stamp, number, flying, used, retryInMs, closedForMs, paceMs, strangerRate, mendedMs, now] =
    numbers as [number, number, number, number, number, number, number, number, number, number, number];
  return {
    granted,
    stamp,
    number,
    flying,
    used,
    retryInMs,
    closedForMs,
    paceMs,
    mendedMs,
    now,
    strangerRate: strangerRate < 0 ? null : strangerRate,
  };
}

/** The single values of a question, in the order in which a datastore takes them. */
export function scalarsOf(ask: BudgetAsk): (number | boolean)[] {
  const { want, urgent, fastMs, evenMs, toleranceMs, adviser, heardAt, sinceMs } = ask;
  return [want, urgent, fastMs, evenMs, toleranceMs, adviser, heardAt, sinceMs];
}

/** What a datastore takes for advice: numbers only, none for none. */
export function numbersOf(advice: BudgetAdvice | null): number[] {
  if (advice === null) return [];
  const { knows, fastUpTo, fastForMs, slowMs, slowForMs, strangerRate } = advice;
  return [knows, fastUpTo, fastForMs, slowMs, slowForMs, strangerRate ?? -1];
}

/** The same question for asking again later: whether its news of earlier permits arrived is not known, nor how late it is. */
export function withoutNews(ask: BudgetAsk): BudgetAsk {
  return { ...ask, settled: [], returned: [], advice: null, heardAt: 0, sinceMs: 0 };
}
