import type { RateReading } from "./rate-headers.ts";

/** A request whose answer is read. Times are in milliseconds of the budget's clock. */
export interface ObservedRequest {
  /** Of its permit: how many requests all processes together had sent by then. */
  number: number;
  sentAt: number;
  heardAt: number;
}

/** What one of the server's limits allows from now on. */
export type Advice =
  /** The wanted pace is fine. */
  | { kind: "free" }
  /** All processes together may send one request in `intervalMs`. */
  | { kind: "pace"; intervalMs: number }
  /** Nothing may be sent. */
  | { kind: "pause"; forMs: number };

/**
 * Follows one of the server's limits through its `Ratelimit` headers, and finds out what somebody else spends of it: what is
 * left falls faster than our own requests explain. Pure arithmetic; knows no clock and no backend.
 */
export interface Headroom {
  observe(reading: RateReading, request: ObservedRequest): void;
  /** `lastNumber`: of the permit given last; `intervalMs`: between requests at the wanted pace. */
  advise(now: number, lastNumber: number, intervalMs: number): Advice;
  /** For how long this window was followed without a break. */
  followedMs(): number;
  /** Requests were stopped for a while: what they say together starts anew. What is known of the stranger is kept. */
  restart(): void;
}

/** Requests that overtake each other on the way look like somebody else's: fewer than this, or this share, is nobody. */
const NOISE_REQUESTS = 3;
const NOISE_SHARE = 0.005;
/** Left unused where somebody else spends too: even one request too many blocks everybody. */
const RESERVE_REQUESTS = 3;
const RESERVE_SHARE = 0.02;
/** What an earlier window said about the stranger counts as much as this share of a window. */
const MEMORY_SHARE = 0.1;
/** The server's clock and ours need not run alike. */
const CLOCK_SLACK_MS = 100;

interface Point extends ObservedRequest {
  remaining: number;
}

export function createHeadroom(configuredWindowMs: number): Headroom {
  let sliding = false;
  let quota = 0;
  let windowMs = configuredWindowMs;
  /** The first request of the window that was followed, and the last. */
  let first: Point | null = null;
  let last: Point | null = null;
  /** The window resets between these times. */
  let resetAfter = Number.NEGATIVE_INFINITY;
  let resetBefore = Number.POSITIVE_INFINITY;
  /** What the stranger spent a millisecond in the windows before; null: not known. */
  let rememberedRate: number | null = null;
  /** Points of the last window, oldest first, a fiftieth of a window apart. */
  let past: Point[] = [];

  function observe(reading: RateReading, request: ObservedRequest): void {
    if (last !== null && request.number <= last.number) return;
    quota = reading.quota ?? Math.max(quota, reading.remaining);
    windowMs = reading.windowSeconds === null ? windowMs : reading.windowSeconds * 1000;
    const point: Point = { ...request, remaining: reading.remaining };
    const after =
      reading.resetSeconds === null ? Number.NEGATIVE_INFINITY : request.sentAt + (reading.resetSeconds - 1) * 1000;
    const before =
      reading.resetSeconds === null ? Number.POSITIVE_INFINITY : request.heardAt + reading.resetSeconds * 1000;

    if (last !== null && first !== null && isNewWindow(point, last, after)) {
      const wasReset = looksReset(point, last);
      if (sliding ? wasReset : true) {
        rememberedRate = strangerRate();
        sliding = !wasReset;
        first = point;
        resetAfter = Number.NEGATIVE_INFINITY;
        resetBefore = Number.POSITIVE_INFINITY;
      }
    }
    first ??= point;
    last = point;
    resetAfter = Math.max(resetAfter, after);
    resetBefore = Math.max(resetAfter, Math.min(resetBefore, before));
    remember(point);
  }

  function isNewWindow(point: Point, before: Point, resetAfterNow: number): boolean {
    return resetAfterNow > resetBefore + CLOCK_SLACK_MS || point.remaining > before.remaining + 1;
  }

  /** At a reset (nearly) all that was used comes back at once; out of a sliding window it trickles. */
  function looksReset(point: Point, before: Point): boolean {
    const used = quota - before.remaining;
    const elapsed = point.sentAt - before.sentAt;
    if (sliding && elapsed > windowMs / 10) return false;
    return used < quota / 20 || point.remaining - before.remaining >= used / 2;
  }

  function remember(point: Point): void {
    const newest = past.at(-1);
    if (newest === undefined || point.sentAt - newest.sentAt >= windowMs / 50) past.push(point);
    while (past.length > 1 && past[1]!.sentAt <= point.sentAt - windowMs) past.shift();
  }

  /** Requests a millisecond that somebody else spends. */
  function strangerRate(): number {
    if (first === null || last === null) return rememberedRate ?? 0;
    const noise = Math.max(NOISE_REQUESTS, quota * NOISE_SHARE);
    if (sliding) {
      const oldest = past[0];
      if (oldest === undefined || oldest.sentAt > last.sentAt - windowMs) return rememberedRate ?? 0;
      const ours = (last.number - oldest.number) * (windowMs / (last.sentAt - oldest.sentAt));
      const theirs = quota - last.remaining - ours;
      return theirs > noise ? theirs / windowMs : 0;
    }
    const theirs = first.remaining - last.remaining - (last.number - first.number);
    const memoryMs = rememberedRate === null ? 0 : MEMORY_SHARE * windowMs;
    const evidence = theirs + (rememberedRate ?? 0) * memoryMs;
    return evidence > noise ? evidence / (last.sentAt - first.sentAt + memoryMs) : 0;
  }

  function advise(now: number, lastNumber: number, intervalMs: number): Advice {
    if (last === null) return { kind: "free" };
    const stranger = strangerRate();
    const reserve = stranger > 0 ? Math.max(RESERVE_REQUESTS, quota * RESERVE_SHARE) : 0;
    const onTheWay = Math.max(0, lastNumber - last.number);
    const usable = last.remaining - onTheWay - stranger * (now - last.sentAt) - reserve;
    if (sliding || resetBefore === Number.POSITIVE_INFINITY) {
      if (usable <= 0) return { kind: "pause", forMs: windowMs / 20 };
      if (!sliding) return { kind: "free" };
      const pace = (quota - reserve) / windowMs - stranger + (4 * usable) / windowMs;
      return paceAdvice(pace, intervalMs, windowMs / 20);
    }
    const leftMs = resetBefore - now;
    if (leftMs <= 0) return { kind: "free" };
    if (usable <= 0) return { kind: "pause", forMs: leftMs };
    return paceAdvice(usable / leftMs - stranger, intervalMs, leftMs / 4);
  }

  return {
    observe,
    advise,
    followedMs: () => (first === null || last === null ? 0 : last.sentAt - first.sentAt),
    restart() {
      rememberedRate = strangerRate();
      first = last = null;
      past = [];
      resetAfter = Number.NEGATIVE_INFINITY;
      resetBefore = Number.POSITIVE_INFINITY;
    },
  };
}

/** However little is left, one request now and then shows whether that is still so. */
function paceAdvice(pace: number, intervalMs: number, longestMs: number): Advice {
  if (pace * intervalMs >= 0.98) return { kind: "free" };
  return { kind: "pace", intervalMs: Math.max(intervalMs, pace > 0 ? Math.min(1 / pace, longestMs) : longestMs) };
}
