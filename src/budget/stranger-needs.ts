import { deviationsFor, tailBeyond } from "./normal.ts";

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

/** How likely it may be that a whole window holds more of the stranger's than was kept for him. Of a shorter time: its share. */
const RISK = 1e-4;
const LEAST_RISK = 2e-6;
/** Requests that are left in any case. */
export const LEAST_LEFT = 3;
/** And of a sliding window, where what comes back and when is known to a second or so only. */
const LEAST_WHILE_SLIDING = 6;
/** While nothing is left that is safe to spend, so many requests in a window show whether that is still so. */
export const LOOKS = 10;

const riskOf = (share: number) => Math.max(LEAST_RISK, RISK * Math.min(1, share));

/**
 * Of a window that is counted anew at its end, in `ms`: so many he makes at the most, where his rate is known by what was seen and
 * nothing else. The rate is spread as the gamma distribution, what comes of it then as the negative binomial; both by Wilson and
 * Hilferty's cube root.
 */
export function mostUntilReset(window: {
  seen: Evidence;
  ms: number;
  windowMs: number;
  /** What the server would have left for him without us: if he wants more, it is not because of us that he goes over. */
  leftAlone: number;
  /** Of the variance of who comes by chance: less where he comes evenly. */
  unevenness: number;
  /** How likely it is that there is a stranger, and such a window, at all. */
  likely: number;
}): number {
  const { seen, ms, windowMs, leftAlone, unevenness, likely } = window;
  if (ms <= 0) return 0;
  const share = seen.ms / (seen.ms + ms);
  const looks = LEAST_LEFT + (LOOKS * ms) / windowMs;
  if (share <= 0) return leftAlone;
  const shape = seen.requests + 1;
  const spread = Math.sqrt((1 - share) * unevenness) / (3 * Math.sqrt(shape));
  const middle = 1 - 1 / (9 * shape);
  const mostWithin = (deviations: number): number =>
    (shape * (middle + deviations * spread) ** 3) / share - seen.requests;
  const deviationsOf = (most: number): number =>
    (Math.cbrt(((most + seen.requests) * share) / shape) - middle) / spread;
  const overAlone = leftAlone <= 0 ? 1 : tailBeyond(deviationsOf(leftAlone));
  const risk = overAlone + (1 - overAlone) * Math.min(0.5, riskOf(ms / windowMs) / likely);
  return risk >= 1 ? looks : Math.max(0, mostWithin(deviationsFor(risk))) + looks;
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
  /** As above. */
  unevenness: number;
  /** Of ours, so many come back within so long. */
  backWithin(ms: number): number;
}): number {
  const { theirs, windowMs, quietMs, drift, unevenness, backWithin } = window;
  const rate = theirs / Math.max(windowMs - quietMs, windowMs / 50);
  let most = 0;
  for (const share of HORIZONS) {
    const ms = share * windowMs;
    // What comes and what comes back is both by chance.
    const chance = deviationsFor(riskOf(share)) * Math.sqrt(2 * (theirs * unevenness + 1) * share);
    const more = Math.max(drift * ms, rate * Math.min(ms, quietMs));
    most = Math.max(most, more + chance + LOOKS * share - backWithin(ms));
  }
  return most + LEAST_WHILE_SLIDING;
}

/** Shares of a window within which there must be enough, the shortest first. */
const HORIZONS = Array.from({ length: 12 }, (_, i) => 2 ** ((i - 11) / 2));
