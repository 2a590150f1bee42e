export interface OutageDelayOptions {
  /** The first delay, milliseconds. */
  firstMs: number;
  /** How many times as long as the first the longest is, default 60. */
  longest?: number;
  /** How long the API asked to wait; null or left out where it did not. */
  askedMs?: number | null;
  random?: () => number;
}

/** What an answer asks for is believed up to an hour. */
const LONGEST_ASKED_MS = 3_600_000;

/** This try is used up; another follows after a while. */
export class TryLaterError extends Error {
  override readonly name = "TryLaterError";
  /** How long the API asked to wait; null where it did not. */
  readonly askedMs: number | null;
  constructor(because: string, askedMs: number | null) {
    super(because);
    this.askedMs = askedMs;
  }
}

/**
 * How long to wait after the k-th failure (from 1): doubling, with half of it random so that those who wait don't come back
 * together; and at least as long as the API asked for, plus that random part.
 */
export function outageDelayMs(
  failures: number,
  { firstMs, longest = 60, askedMs = null, random = Math.random }: OutageDelayOptions,
): number {
  const half = (firstMs * Math.min(2 ** (failures - 1), longest)) / 2;
  return Math.round(Math.max(half, Math.min(askedMs ?? 0, LONGEST_ASKED_MS)) + half * random());
}
