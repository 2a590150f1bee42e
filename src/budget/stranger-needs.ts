/*
 * What must be left for a stranger, so that he does not go over the limit because of us, nor we because of him: as many
 * requests as he may make by chance until something comes back. Who comes by chance makes `n` on average with a deviation of
 * √n. The shorter the time until something comes back, the less is kept: what he did not use is spent in the end.
 */

/** Requests of the stranger, and the time in which they were made. */
export interface Evidence {
  requests: number;
  ms: number;
}

/** So many deviations are kept: of a thousand windows that hold what they can, hardly one is gone over. */
const CHANCE = 3.5;
/** Requests that are left in any case. */
export const LEAST_LEFT = 3;
/** While nothing is left that is safe to spend, so many requests in a window show whether that is still so. */
export const LOOKS = 30;

/** Of a window that is counted anew at its end, in `ms`. `deviation`: how far what was seen may be off. */
export function mostUntilReset(seen: Evidence, ms: number, windowMs: number, deviation: number): number {
  if (ms <= 0) return 0;
  const scale = ms / Math.max(1, seen.ms);
  const mean = (seen.requests + 1) * scale;
  return mean + CHANCE * Math.sqrt(mean * (1 + scale)) + deviation * scale + LEAST_LEFT + (LOOKS * ms) / windowMs;
}

/** Of a sliding window. What was sent comes back a window later: ours as we know, the stranger's as evenly as he spent it. */
export function mostInSlidingWindow(window: {
  /** Requests of the stranger that it holds. */
  theirs: number;
  windowMs: number;
  /** Until its oldest request leaves it: before that nothing comes back. */
  quietMs: number;
  /** Requests a millisecond that the stranger spends beyond what comes back. */
  drift: number;
  /** Of ours, so many come back within so long. */
  backWithin(ms: number): number;
}): number {
  const { theirs, windowMs, quietMs, drift, backWithin } = window;
  const rate = theirs / Math.max(windowMs - quietMs, windowMs / 50);
  let most = 0;
  for (const share of HORIZONS) {
    const ms = share * windowMs;
    // What comes and what comes back is both by chance.
    const chance = CHANCE * Math.sqrt(2 * (theirs + 1) * share);
    most = Math.max(most, drift * ms + rate * Math.min(ms, quietMs) + chance + LOOKS * share - backWithin(ms));
  }
  return most + LEAST_LEFT;
}

/** Shares of a window within which there must be enough, the shortest first. */
const HORIZONS = Array.from({ length: 12 }, (_, i) => 2 ** ((i - 11) / 2));
