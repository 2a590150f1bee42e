export interface OutageDelayOptions {
  /** The first delay, milliseconds. */
  firstMs: number;
  /** How many times as long as the first the longest is, default 60. */
  longest?: number;
  random?: () => number;
}

/** How long to wait after the k-th failure (from 1): doubling, with half of it random so that those who wait don't come back together. */
export function outageDelayMs(
  failures: number,
  { firstMs, longest = 60, random = Math.random }: OutageDelayOptions,
): number {
  const full = firstMs * Math.min(2 ** (failures - 1), longest);
  return Math.round(full * (0.5 + random() / 2));
}
