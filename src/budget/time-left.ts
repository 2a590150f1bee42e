import { type BudgetView, timeFor } from "./budget-view.ts";
import { TERMS } from "./ledger.ts";

const SECOND = 1_000;
/** Nothing for so long ends a stretch of sending: then somebody waited, and how fast answers come is another question. */
const GAP_MS = 5 * SECOND;
/** A shorter stretch tells nothing. */
const LEAST_MS = 2 * SECOND;
/** Of a stretch the end counts. */
const MOST_MS = 10 * SECOND;
/** Of the limit. */
const FULL_SHARE = 0.9;

/**
 * How long so many requests take still, in milliseconds: as fast as the budget allows, but no faster than answers came lately,
 * which is what a slow API or a small concurrency come to.
 */
export function timeLeft(requests: number, view: BudgetView): number {
  const perSecond = Math.min(view.perSecond, answeredPerSecond(view) ?? Number.POSITIVE_INFINITY);
  return timeFor(requests, { ...view, perSecond }).ms;
}

/**
 * Requests a second that were answered when some were sent last, whoever sent them; null where that is not known. While the
 * window was nearly full, it was the budget that made them slow.
 */
export function answeredPerSecond({ frees, windowMs, limit }: BudgetView): number | null {
  const width = windowMs / TERMS.buckets;
  // What is on its way counts longer than a window, and so has not even begun to age.
  const buckets = frees.map(({ inMs, requests }) => ({ age: windowMs + width - inMs, requests }));
  let before = 0;
  const answered = buckets
    .filter(({ age }) => age >= 0)
    .toSorted((a, b) => b.age - a.age)
    .filter(({ requests }) => (before += requests) <= FULL_SHARE * limit)
    .toReversed();
  for (let i = 0; i < answered.length;) {
    const end = answered[i]!.age < GAP_MS ? 0 : answered[i]!.age - width;
    let start = end;
    let count = 0;
    for (; i < answered.length && answered[i]!.age - start <= GAP_MS + width && start - end < MOST_MS; i++) {
      start = answered[i]!.age;
      count += answered[i]!.requests;
    }
    if (start - end >= LEAST_MS) return (count * SECOND) / (start - end);
  }
  return null;
}
