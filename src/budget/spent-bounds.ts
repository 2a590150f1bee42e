import type { Evidence } from "./stranger-needs.ts";

/** What somebody else has spent by then, counted from a start that is not known: no less than `least`, no more than `most`. */
export interface Mark {
  at: number;
  least: number;
  most: number;
}

/**
 * How much somebody else spent of a window that never gives back, and in which time, between bounds that hold whatever happened on
 * the way. He never takes back what he spent: a later bound from above holds for all times before it, an earlier one from below
 * for all times after it. So a moment at which little is on the way tells of all that was unclear before.
 */
export interface SpentBounds {
  /** Also from this mark on is counted. */
  countFrom(mark: Mark): void;
  /** By then no more than `most`. Times don't go back by more than requests overtake each other. */
  addMost(at: number, most: number): void;
  /** By then no less than `least`. */
  addLeast(at: number, least: number): void;
  /** No more than so much in so long: of all stretches that are known the one that says the least of him. */
  most(): Evidence;
  /** No less than so much in so long: of all stretches the one with the most of him. */
  least(): Evidence;
  /** What is known of now. */
  now(): Mark;
}

/** Two bounds are so far from each other, at the least. */
const STEPS = 250;
/** What is told apart by so many deviations. */
const DEVIATIONS = 2;

export function createSpentBounds(windowMs: number): SpentBounds {
  const origins: Mark[] = [];
  /** Each is later and higher than the one before it. */
  const above: { at: number; most: number }[] = [];
  let below = { at: Number.NEGATIVE_INFINITY, least: Number.NEGATIVE_INFINITY };
  let telling: Evidence | null = null;

  function mostTelling(): Evidence {
    let best: Evidence = { requests: Number.POSITIVE_INFINITY, ms: 0 };
    let lowest = Number.POSITIVE_INFINITY;
    for (const origin of origins) {
      for (const { at, most } of above) {
        const ms = at - origin.at;
        if (ms <= 0) continue;
        const requests = Math.max(0, most - origin.least);
        const rate = (requests + 1 + DEVIATIONS * Math.sqrt(requests + 1)) / ms;
        if (rate >= lowest) continue;
        lowest = rate;
        best = { requests, ms };
      }
    }
    return best.ms > 0 ? best : { requests: 0, ms: 0 };
  }

  return {
    countFrom(mark) {
      origins.push(mark);
      telling = null;
    },
    addMost(at, most) {
      telling = null;
      while (above.length > 0 && above.at(-1)!.most >= most) above.pop();
      const [before, newest] = above.slice(-2);
      if (before !== undefined && newest !== undefined && newest.at - before.at < windowMs / STEPS) above.pop();
      above.push({ at, most });
    },
    addLeast(at, least) {
      if (least > below.least) below = { at, least };
    },
    most: () => (telling ??= mostTelling()),
    least: () =>
      origins.reduce<Evidence>(
        (sofar, { at, most }) =>
          below.least - most > sofar.requests ? { requests: below.least - most, ms: below.at - at } : sofar,
        { requests: 0, ms: 0 },
      ),
    now() {
      const { at, most } = above.at(-1) ?? { at: below.at, most: Number.POSITIVE_INFINITY };
      return { at, most, least: below.least };
    },
  };
}
