import type { RateReading } from "./rate-headers.ts";
import { createSentHistory } from "./sent-history.ts";

/** A request whose answer is read. Times are in milliseconds of the budget's clock. */
export interface ObservedRequest {
  /** Of its permit: how many requests all processes together had sent by then. */
  number: number;
  /** Of its permit. */
  epoch: number;
  sentAt: number;
  heardAt: number;
  /** About how many requests of all processes were sent after it, and may not have arrived when it was answered. */
  onTheWay: number;
  /** Requests that were on their way when it was sent, itself included. */
  flying: number;
  /** Requests of all processes that the budget counted then: no fewer than the server did. */
  used: number;
}

/** What one of the server's limits allows from now on, where permits are evenly spaced. */
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
  /** `intervalMs`: between requests at the even pace. */
  advise(now: number, intervalMs: number): Advice;
  /**
   * Requests may follow each other as fast as they can until the permit with this number: what is left, less what is on the
   * way, and less what a stranger may take until it resets, as far as can be told by now. `fastMs`: between such requests.
   */
  fastUpTo(fastMs: number): number;
  /** Requests a millisecond that somebody else spends. */
  strangerRate(): number;
  /** What other processes found out about the stranger, for as long as this one knows nothing of its own. */
  hear(strangerRate: number): void;
}

/**
 * Requests that overtake each other on the way look like somebody else's: fewer than this, or this share, or than were on
 * the way at once, is nobody.
 */
const NOISE_REQUESTS = 3;
const NOISE_SHARE = 0.005;
/** What shows in less than this share of a window is taken to be what that long would show. */
const SHORTEST_LOOK_SHARE = 0.02;
/** Left unused where somebody else spends too: even one request too many blocks everybody. */
const RESERVE_REQUESTS = 3;
const RESERVE_SHARE = 0.02;
/** What an earlier window said about the stranger counts as much as this share of a window. */
const MEMORY_SHARE = 0.25;
const CHANCE = 1.5;
/** The same while it isn't known whether windows slide: nothing of what a burst takes may come back when one is said to end. */
const FIRST_CHANCE = 3;
/** A stranger is taken to have spent so many more than were seen, and a deviation of the count more: it may be chance. */
const UNSEEN_REQUESTS = 2;
/** Between two requests, when next to nothing is left: this share of a window, or as long as so many requests take. */
const RARE_SHARE = 1 / 30;
const RARE_REQUESTS = 20;
/** In windows shorter than this, headers in whole seconds don't tell who spends what. */
const SHORTEST_FOLLOWED_MS = 3000;
/** The server's clock and ours need not run alike. */
const CLOCK_SLACK_MS = 100;

interface Point extends ObservedRequest {
  remaining: number;
}

export function createHeadroom(configuredWindowMs: number): Headroom {
  /** Whether windows slide shows when the first one ends. */
  let kind: "unknown" | "fixed" | "sliding" = "unknown";
  let quota = 0;
  let windowMs = configuredWindowMs;
  /** The first request of the window that was followed, and the last. */
  let first: Point | null = null;
  let last: Point | null = null;
  /** The window resets between these times. */
  let resetAfter = Number.NEGATIVE_INFINITY;
  let resetBefore = Number.POSITIVE_INFINITY;
  let isPredicted = false;
  /** When it showed that this window had begun. */
  let switchedAt = Number.NEGATIVE_INFINITY;
  /** What the stranger spent a millisecond in the windows before; null: not known. */
  let rememberedRate: number | null = null;
  /** At once, in this window. */
  let mostOnTheWay = 0;
  /** What was spent by somebody else before the first request of the first window, and in which time. */
  let before = { requests: 0, ms: 0 };
  /** What the stranger spent since the first request: smoothed, and how far single answers are off. */
  let smoothed = { requests: 0, deviation: 0 };
  const history = createSentHistory();

  function observe(reading: RateReading, request: ObservedRequest): void {
    if (last !== null && isOlder(request, last)) {
      // Numbers go back where the backend was emptied; otherwise an answer was overtaken.
      if (request.sentAt <= last.heardAt) return;
      restart();
    }
    if (last !== null && request.epoch !== last.epoch) restart();
    // It may have arrived in the window before.
    if (kind === "fixed" && request.sentAt < switchedAt) return;
    quota = reading.quota ?? Math.max(quota, reading.remaining);
    windowMs = reading.windowSeconds === null ? windowMs : reading.windowSeconds * 1000;
    const point: Point = { ...request, remaining: reading.remaining };
    const resetMs = reading.resetSeconds === null ? null : Math.min(reading.resetSeconds * 1000, windowMs);
    const after = resetMs === null ? Number.NEGATIVE_INFINITY : request.sentAt + resetMs - 1000;
    const resetsBefore = resetMs === null ? Number.POSITIVE_INFINITY : request.heardAt + resetMs;

    if (isPredicted && after > resetBefore + CLOCK_SLACK_MS) {
      isPredicted = false;
      resetBefore = resetsBefore;
    }
    if (last !== null && first !== null && isNewWindow(point, last, after)) {
      const wasReset = looksReset(point, last);
      if (kind !== "sliding" || wasReset) {
        rememberedRate = strangerRate();
        kind = wasReset ? "fixed" : "sliding";
        first = point;
        before = { requests: 0, ms: 0 };
        smoothed = { requests: 0, deviation: 0 };
        switchedAt = point.heardAt;
        mostOnTheWay = 0;
        // Windows usually follow each other, and `t` alone is only true to the second.
        const next = resetBefore + windowMs;
        resetAfter = Number.NEGATIVE_INFINITY;
        isPredicted = next > after && next < resetsBefore;
        resetBefore = isPredicted ? next : Number.POSITIVE_INFINITY;
      }
    }
    if (first === null) {
      first = point;
      before = spentBefore(point, resetMs);
      smoothed = { requests: 0, deviation: 0 };
    }
    last = point;
    smooth();
    mostOnTheWay = Math.max(mostOnTheWay, point.onTheWay);
    resetAfter = Math.max(resetAfter, after);
    resetBefore = Math.min(resetBefore, resetsBefore);
    history.add(point, windowMs);
  }

  /** Requests were stopped for a while. What is known of the stranger is kept. */
  function restart(): void {
    rememberedRate = strangerRate();
    first = null;
    last = null;
    before = { requests: 0, ms: 0 };
    history.clear();
    mostOnTheWay = 0;
    resetAfter = Number.NEGATIVE_INFINITY;
    resetBefore = Number.POSITIVE_INFINITY;
  }

  /** The window has been running for a while: what is missing and not ours, somebody else spent. */
  function spentBefore(point: Point, resetMs: number | null): { requests: number; ms: number } {
    const requests = quota - point.remaining - point.used;
    // Where we spent too, it isn't known how much of it in this window.
    if (resetMs === null || point.used > noiseRequests() + point.flying + quota * RESERVE_SHARE)
      return { requests: 0, ms: 0 };
    return { requests: Math.max(0, requests), ms: windowMs - resetMs };
  }

  function theirsSinceFirst(): number {
    return first === null || last === null ? 0 : first.remaining - last.remaining - (last.number - first.number);
  }

  function smooth(): void {
    const off = theirsSinceFirst() - smoothed.requests;
    smoothed = {
      requests: smoothed.requests + off / 8,
      deviation: smoothed.deviation + (Math.abs(off) - smoothed.deviation) / 8,
    };
  }

  /** The most that the stranger may be spending a millisecond, as far as can be told; Infinity where nothing is known. */
  function worstStrangerRate(): number {
    if (first === null || last === null) return Number.POSITIVE_INFINITY;
    // That nobody came in the windows before does not say that nobody comes now.
    const memoryMs = MEMORY_SHARE * windowMs * Math.min(1, (4 * (rememberedRate ?? 0) * windowMs) / quota);
    const seenMs = last.sentAt - first.sentAt + before.ms + memoryMs;
    const seen =
      Math.max(0, theirsSinceFirst(), smoothed.requests) + before.requests + (rememberedRate ?? 0) * memoryMs;
    const missing = missingInWindow();
    return Math.max(
      (seen + UNSEEN_REQUESTS + Math.sqrt(seen) + smoothed.deviation) / seenMs,
      missing.requests > 0 ? (missing.requests + UNSEEN_REQUESTS + Math.sqrt(missing.requests)) / missing.ms : 0,
    );
  }

  /**
   * Of the first window, more is missing than the budget counts for all of us, who never count less than the server: so many at
   * least are somebody else's, however our own overtook each other. And how long the window has been running.
   */
  function missingInWindow(): { requests: number; ms: number } {
    const runningMs = last === null ? windowMs : windowMs - (resetBefore - last.sentAt);
    const ms = Math.min(windowMs, Math.max(runningMs, SHORTEST_LOOK_SHARE * windowMs));
    // Of a window that is longer than ours, more of our own is missing than is counted.
    if (
      last === null ||
      kind !== "unknown" ||
      windowMs > configuredWindowMs ||
      resetBefore === Number.POSITIVE_INFINITY
    )
      return { requests: 0, ms };
    return { requests: Math.max(0, quota - last.remaining - last.used - last.onTheWay), ms };
  }

  function fastUpTo(fastMs: number): number {
    if (last === null) return 0;
    if (windowMs < SHORTEST_FOLLOWED_MS) return windowMs / fastMs <= quota / 2 ? Number.MAX_SAFE_INTEGER : 0;
    const worst = worstStrangerRate();
    const untilReset = Math.min(windowMs, Math.max(0, resetBefore - last.sentAt));
    const untilFull = worst * windowMs - Math.max(0, quota - last.remaining - last.used);
    const growth = Math.max(kind === "fixed" ? 0 : untilFull, kind === "sliding" ? 0 : worst * untilReset);
    const reserve =
      kind === "unknown"
        ? reserveFor(strangerRate(), windowMs, FIRST_CHANCE)
        : reserveFor(strangerRate(), kind === "sliding" ? windowMs : untilReset);
    return last.number - last.flying + last.remaining - reserve - Math.max(0, growth);
  }

  function isNewWindow(point: Point, before: Point, resetAfterNow: number): boolean {
    const shouldHaveReset = Math.max(point.sentAt, resetAfterNow) > resetBefore + CLOCK_SLACK_MS;
    return shouldHaveReset || point.remaining > before.remaining + noiseRequests();
  }

  /** At a reset (nearly) all that was used comes back at once; out of a sliding window it trickles. */
  function looksReset(point: Point, before: Point): boolean {
    const used = quota - before.remaining;
    const elapsed = point.sentAt - before.sentAt;
    if (kind === "sliding" && elapsed > windowMs / 10) return false;
    return used < quota / 20 || point.remaining - before.remaining >= used / 2;
  }

  /** Requests a millisecond that somebody else spends. */
  function strangerRate(): number {
    if (windowMs < SHORTEST_FOLLOWED_MS) return 0;
    if (first === null || last === null) return rememberedRate ?? 0;
    const noise = noiseRequests();
    const most = quota / windowMs;
    if (kind === "sliding") {
      const sentBefore = history.numberAt(last.sentAt - windowMs);
      const ours = sentBefore === null ? last.used : last.number - sentBefore;
      const theirs = Math.max(0, quota - last.remaining - ours);
      const rate = theirs > noise ? Math.min(most, theirs / windowMs) : 0;
      return sentBefore === null ? Math.max(rate, rememberedRate ?? 0) : rate;
    }
    const theirs = first.remaining - last.remaining - (last.number - first.number);
    const memoryMs = rememberedRate === null ? 0 : MEMORY_SHARE * windowMs;
    const evidence = theirs + before.requests + (rememberedRate ?? 0) * memoryMs;
    const seenMs = last.sentAt - first.sentAt + before.ms + memoryMs;
    const seen = evidence > noise ? evidence / Math.max(seenMs, SHORTEST_LOOK_SHARE * windowMs) : 0;
    const missing = missingInWindow();
    const least = missing.requests > NOISE_REQUESTS ? missing.requests / missing.ms : 0;
    return Math.min(most, Math.max(seen, least));
  }

  /** The stranger may come a little more often than on average: by chance, twice the deviation hardly ever. */
  function reserveFor(stranger: number, ms: number, chance = CHANCE): number {
    return stranger > 0 ? Math.max(RESERVE_REQUESTS, quota * RESERVE_SHARE, chance * Math.sqrt(stranger * ms)) : 0;
  }

  const noiseRequests = () => Math.max(NOISE_REQUESTS, quota * NOISE_SHARE, mostOnTheWay);

  /** What is left is enough for the wanted pace, if it is only ours: then nothing that is on the way, or rounded, matters. */
  function isEnough(point: Point, intervalMs: number): boolean {
    if (kind === "sliding") return point.remaining > 0;
    return point.remaining + noiseRequests() >= (resetAfter - point.sentAt) / intervalMs;
  }

  function advise(now: number, intervalMs: number): Advice {
    if (last === null) return { kind: "free" };
    const stranger = strangerRate();
    if (stranger === 0 && isEnough(last, intervalMs)) return { kind: "free" };
    const reserve = reserveFor(
      stranger,
      kind === "sliding" ? windowMs : Math.max(0, Math.min(windowMs, resetBefore - now)),
    );
    const usable = last.remaining - last.onTheWay - stranger * (now - last.sentAt) - reserve;
    if (resetBefore === Number.POSITIVE_INFINITY)
      return usable > 0 ? { kind: "free" } : { kind: "pause", forMs: windowMs / 20 };
    if (kind === "sliding") {
      const left = last.remaining - last.onTheWay;
      // Nothing comes back before a window is over: a look now and then must not use up the reserve.
      if (left < 1 && usable <= 0) return { kind: "pause", forMs: history.endOfOldest(windowMs) - now };
      const rareMs = (2 * windowMs) / Math.max(1, left);
      const even = (quota - reserve) / windowMs - stranger;
      const sliding = slidingPace(usable, now);
      const pace = sliding === null ? even : Math.min(even + (4 * usable) / windowMs, sliding);
      return paceAdvice(usable > 0 ? pace : 0, intervalMs, Number.POSITIVE_INFINITY, rareMs);
    }
    const leftMs = resetBefore - now;
    if (leftMs <= 0) return { kind: "free" };
    if (usable <= 0) return { kind: "pause", forMs: leftMs };
    // Where the window may turn out to slide, it must not be used up as if all of it came back at once.
    const spreadMs = kind === "unknown" && stranger > 0 ? Math.max(leftMs, windowMs / 4) : leftMs;
    return paceAdvice(usable / spreadMs - stranger, intervalMs, leftMs / 2);
  }

  /**
   * However little is left, one request now and then shows whether that is still so. Not too rarely: each process may have
   * reserved one such slot before it shows.
   */
  function paceAdvice(pace: number, intervalMs: number, longestMs = Number.POSITIVE_INFINITY, rarestMs = 0): Advice {
    if (pace * intervalMs >= 0.98) return { kind: "free" };
    const rareMs = Math.min(longestMs, Math.max(RARE_SHARE * windowMs, RARE_REQUESTS * intervalMs, rarestMs));
    return { kind: "pace", intervalMs: Math.max(intervalMs, pace > 0 ? Math.min(1 / pace, rareMs) : rareMs) };
  }

  /**
   * Of a sliding window that the stranger spends evenly of, we get back what we sent a window ago, no sooner. Null where
   * that is not known.
   */
  function slidingPace(usable: number, now: number): number | null {
    const start = history.numberAt(now - windowMs);
    if (start === null) return null;
    return Math.min(
      ...[1 / 16, 1 / 8].map((share) => {
        const ms = share * windowMs;
        return (usable + (history.numberAt(now - windowMs + ms) ?? start) - start) / ms;
      }),
    );
  }

  return {
    observe,
    advise,
    fastUpTo,
    strangerRate,
    hear(rate) {
      rememberedRate ??= rate;
    },
  };
}

function isOlder(one: ObservedRequest, other: ObservedRequest): boolean {
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.number <= other.number);
}
