/** At most `limit` requests in any window of `windowMs`. */
export interface Rate {
  limit: number;
  windowMs: number;
}

/** How requests are spread over a window: `fast`: as fast as what is left allows. `even`: evenly. */
export const PACES = ["fast", "even"] as const;
export type Pace = (typeof PACES)[number];

const SECOND = 1000;
const UNITS: Record<string, number> = { ms: 1, s: SECOND, m: 60 * SECOND, h: 3600 * SECOND };
const LONGEST_WINDOW_MS = 24 * 3600 * SECOND;

/** Requests that a process can't reach: for a stand-in, or for an account whose limit was lifted. */
const UNLIMITED: Rate = { limit: 1_000_000, windowMs: SECOND };

/**
 * Reads `1140/5m`, `200/5s`, `40/s`, `900/1h` or `unlimited`. A window lasts from 100 ms to 24 hours.
 * Throws RangeError with a message that ends a sentence: `expected …`; it does not repeat the text.
 */
export function parseRate(text: string): Rate {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === "unlimited") return { ...UNLIMITED };
  const [, limit, length, unit] = /^([1-9]\d{0,6})\s*\/\s*(\d{1,6})?\s*(ms|s|m|h)$/.exec(trimmed) ?? [];
  if (limit === undefined || unit === undefined) {
    throw new RangeError("expected requests per window, such as 1140/5m or 200/5s, or the word unlimited");
  }
  const windowMs = Number(length ?? 1) * UNITS[unit]!;
  if (windowMs < 100 || windowMs > LONGEST_WINDOW_MS) {
    throw new RangeError("expected a window from 100ms to 24h, as in 1140/5m");
  }
  return { limit: Number(limit), windowMs };
}

/** `1140/5m`, as `parseRate` reads it. */
export function renderRate({ limit, windowMs }: Rate): string {
  if (limit === UNLIMITED.limit && windowMs === UNLIMITED.windowMs) return "unlimited";
  const unit = ["h", "m", "s", "ms"].find((name) => Number.isInteger(windowMs / UNITS[name]!)) ?? "ms";
  const length = windowMs / UNITS[unit]!;
  return `${limit}/${length === 1 && unit !== "ms" ? "" : length}${unit}`;
}
