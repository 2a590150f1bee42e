import type { RateReading } from "./rate-headers.ts";
import { createSentHistory } from "./sent-history.ts";
import { LEAST_LEFT, LOOKS, mostInSlidingWindow, mostUntilReset, type Evidence } from "./stranger-needs.ts";

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
/** What the windows before said about the stranger counts as much as so many windows, at the most. */
const MEMORY_WINDOWS = 2;
/** In deviations of what comes by chance: more than this is none, but another stranger than before. */
const SURPRISE = 3;
/** Where this share of the quota is ours, it isn't known how much of what is missing is somebody else's. */
const OURS_SHARE = 0.02;
/** Between two requests, when next to nothing is left: from this share of a window, for looks that were reckoned with, to that. */
const RARE_SHARE = 1 / LOOKS;
const RAREST_SHARE = 1 / 10;
/** In windows shorter than this, headers in whole seconds don't tell who spends what. */
const SHORTEST_FOLLOWED_MS = 3000;
/** The server's clock and ours need not run alike. */
const CLOCK_SLACK_MS = 100;

interface Point extends ObservedRequest {
  remaining: number;
  /** Until the oldest request leaves the window, or all of them do. */
  quietMs: number;
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
  /** What the stranger spent in the windows before, the older the less it counts; null: not known. */
  let remembered: Evidence | null = null;
  /** How long an answer takes at the most. */
  let slowestMs = 0;
  /** What was spent by somebody else before the first request of the first window, and in which time. */
  let before: Evidence = { requests: 0, ms: 0 };
  /** What the stranger spent since the first request: smoothed, and how far single answers are off. */
  let smoothed = { requests: 0, deviation: 0 };
  const history = createSentHistory();
  /** Worked out once for each answer. */
  let spareNow: number | null = null;

  function observe(reading: RateReading, request: ObservedRequest): void {
    spareNow = null;
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
    slowestMs = Math.max(slowestMs * 0.99, request.heardAt - request.sentAt);
    const resetMs = reading.resetSeconds === null ? null : Math.min(reading.resetSeconds * 1000, windowMs);
    const point: Point = { ...request, remaining: reading.remaining, quietMs: resetMs ?? 0 };
    const after = resetMs === null ? Number.NEGATIVE_INFINITY : request.sentAt + resetMs - 1000;
    const resetsBefore = resetMs === null ? Number.POSITIVE_INFINITY : request.heardAt + resetMs;

    if (isPredicted && after > resetBefore + CLOCK_SLACK_MS) {
      isPredicted = false;
      resetBefore = resetsBefore;
    }
    if (last !== null && first !== null && isNewWindow(point, last, after)) {
      const wasReset = looksReset(point, last);
      if (kind !== "sliding" || wasReset) {
        remember();
        kind = wasReset ? "fixed" : "sliding";
        first = point;
        before = { requests: 0, ms: 0 };
        smoothed = { requests: 0, deviation: 0 };
        switchedAt = point.heardAt;
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
    resetAfter = Math.max(resetAfter, after);
    resetBefore = Math.min(resetBefore, resetsBefore);
    history.add(point, windowMs);
  }

  /** Requests were stopped for a while. What is known of the stranger is kept. */
  function restart(): void {
    remember();
    first = null;
    last = null;
    before = { requests: 0, ms: 0 };
    history.clear();
    resetAfter = Number.NEGATIVE_INFINITY;
    resetBefore = Number.POSITIVE_INFINITY;
  }

  /** The window has been running for a while: what is missing and not ours, somebody else spent. */
  function spentBefore(point: Point, resetMs: number | null): Evidence {
    const requests = quota - point.remaining - point.used;
    // Where we spent too, it isn't known how much of it in this window.
    if (resetMs === null || point.used > noiseRequests() + point.flying + quota * OURS_SHARE)
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

  /** What is known of the stranger, and nothing that he has given the lie to by now. */
  function evidence(): Evidence {
    if (first === null || last === null) return { requests: 0, ms: 0 };
    const now: Evidence = {
      requests: Math.max(0, theirsSinceFirst(), smoothed.requests) + before.requests,
      ms: last.sentAt - first.sentAt + before.ms,
    };
    const missing = missingInWindow();
    const seen = missing.requests / missing.ms > now.requests / Math.max(1, now.ms) ? missing : now;
    if (remembered === null) return seen;
    const expected = (remembered.requests / remembered.ms) * seen.ms;
    const isOther = Math.abs(seen.requests - expected) > SURPRISE * Math.sqrt(expected) + noiseRequests();
    return isOther ? seen : { requests: seen.requests + remembered.requests, ms: seen.ms + remembered.ms };
  }

  /** That nobody came does not say that nobody comes now: the less there was, the less it counts. */
  function remember(): void {
    if (first === null || last === null) return;
    const seen = evidence();
    if (seen.ms <= 0) return;
    const ms = Math.min(seen.ms, MEMORY_WINDOWS * windowMs);
    const rate = seen.requests / seen.ms;
    const weight = Math.min(1, (4 * rate * windowMs) / quota);
    remembered = { requests: rate * ms * weight, ms: Math.max(1, ms * weight) };
  }

  /**
   * Of the first window, more is missing than the budget counts for all of us, who never count less than the server: so many at
   * least are somebody else's, however our own overtook each other. And how long the window has been running.
   */
  function missingInWindow(): Evidence {
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
    return last.number - last.flying + (isLongRun(last) ? 0 : spare());
  }

  /** What is sent together comes back together: of a sliding window more is had by who spreads it, once the first is over. */
  function isLongRun(point: Point): boolean {
    const start = history.numberAt(point.sentAt - windowMs);
    const stranger = strangerRate();
    return (
      kind === "sliding" && stranger > 0 && start !== null && point.number - start > (quota - stranger * windowMs) / 2
    );
  }

  /** Requests that may be sent at once, and the stranger finds room all the same, unless he comes as by no chance. */
  function spare(): number {
    return (spareNow ??=
      last === null ? 0 : last.remaining - Math.max(neededUntilReset(last), neededWhileSliding(last)));
  }

  function neededUntilReset(point: Point): number {
    if (kind === "sliding") return 0;
    const ms = Math.min(windowMs, Math.max(0, resetBefore - point.sentAt));
    return mostUntilReset(evidence(), ms, windowMs, smoothed.deviation);
  }

  function neededWhileSliding(point: Point): number {
    if (kind === "fixed") return 0;
    const from = point.sentAt - windowMs;
    const start = history.sentAfter(from);
    const theirs = Math.max(0, quota - point.remaining - (start === null ? point.used : point.number - start));
    return mostInSlidingWindow({
      theirs,
      windowMs,
      quietMs: point.quietMs,
      drift: kind === "unknown" ? driftOf(point, theirs) : 0,
      backWithin: (ms) =>
        start === null ? 0 : Math.max(0, (history.sentBefore(from + ms - slowestMs) ?? start) - start),
    });
  }

  /** By how much more than comes back the stranger spends a millisecond, as far as it can't be chance. */
  function driftOf(point: Point, theirs: number): number {
    const ms = first === null ? 0 : point.sentAt - first.sentAt;
    const chance = SURPRISE * Math.sqrt((2 * theirs * ms) / windowMs) + noiseRequests();
    return ms <= 0 ? 0 : Math.max(0, theirsSinceFirst() - chance) / ms;
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
    return used < quota / 20 || point.remaining - before.remaining + (point.number - before.number) >= used / 2;
  }

  /** Requests a millisecond that somebody else spends. */
  function strangerRate(): number {
    if (windowMs < SHORTEST_FOLLOWED_MS) return 0;
    if (first === null || last === null) return rememberedRate();
    const noise = noiseRequests();
    const most = quota / windowMs;
    if (kind === "sliding") {
      const sentBefore = history.numberAt(last.sentAt - windowMs);
      const ours = sentBefore === null ? last.used : last.number - sentBefore;
      const theirs = Math.max(0, quota - last.remaining - ours);
      const rate = theirs > noise ? Math.min(most, theirs / windowMs) : 0;
      return sentBefore === null ? Math.max(rate, rememberedRate()) : rate;
    }
    const known = evidence();
    return known.requests > noise
      ? Math.min(most, known.requests / Math.max(known.ms, SHORTEST_LOOK_SHARE * windowMs))
      : 0;
  }

  function rememberedRate(): number {
    return remembered === null ? 0 : remembered.requests / remembered.ms;
  }

  const noiseRequests = () => Math.max(NOISE_REQUESTS, quota * NOISE_SHARE, first?.onTheWay ?? 0, last?.onTheWay ?? 0);

  /** What is left is enough for the wanted pace, if it is only ours: then nothing that is on the way, or rounded, matters. */
  function isEnough(point: Point, intervalMs: number): boolean {
    if (kind === "sliding") return point.remaining > 0;
    return point.remaining + noiseRequests() >= (resetAfter - point.sentAt) / intervalMs;
  }

  function advise(now: number, intervalMs: number): Advice {
    if (last === null) return { kind: "free" };
    const stranger = strangerRate();
    if (stranger === 0 && isEnough(last, intervalMs)) return { kind: "free" };
    const left = last.remaining - last.onTheWay - stranger * (now - last.sentAt);
    const usable = stranger === 0 ? left : left - (last.remaining - spare());
    const rareMs = Math.min(RAREST_SHARE * windowMs, (4 * windowMs) / Math.max(1, left));
    if (resetBefore === Number.POSITIVE_INFINITY) {
      if (left <= LEAST_LEFT) return { kind: "pause", forMs: windowMs / 20 };
      return usable > 0 ? { kind: "free" } : paceAdvice(0, intervalMs, rareMs);
    }
    if (kind === "sliding") {
      // Nothing comes back before a window is over: a look now and then must not use up the reserve.
      if (left < 1) return { kind: "pause", forMs: history.endOfOldest(windowMs) - now };
      const even = quota / windowMs - stranger;
      const sliding = slidingPace(spare(), now);
      const pace = sliding === null ? even : Math.min(even + usable / windowMs, sliding);
      return paceAdvice(usable > 0 ? pace : 0, intervalMs, rareMs);
    }
    const leftMs = resetBefore - now;
    if (leftMs <= 0) return { kind: "free" };
    if (left <= (stranger > 0 ? LEAST_LEFT : 0)) return { kind: "pause", forMs: leftMs };
    const known = evidence();
    const least = Math.max(0, known.requests - 2 * Math.sqrt(known.requests) - noiseRequests()) / Math.max(1, known.ms);
    if (left <= least * leftMs + LEAST_LEFT) return { kind: "pause", forMs: Math.min(leftMs, RAREST_SHARE * windowMs) };
    // Where the window may turn out to slide, nothing comes back before one is over since the first request.
    const spreadMs = kind === "unknown" ? Math.max(leftMs, history.endOfOldest(windowMs) - now) : leftMs;
    return paceAdvice(usable / spreadMs, intervalMs, rareMs, leftMs / 2);
  }

  /** However little is left, one request now and then shows whether that is still so. */
  function paceAdvice(
    pace: number,
    intervalMs: number,
    rarestMs: number,
    longestMs = Number.POSITIVE_INFINITY,
  ): Advice {
    if (pace * intervalMs >= 0.98) return { kind: "free" };
    const rareMs = Math.min(longestMs, Math.max(RARE_SHARE * windowMs, rarestMs));
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
      if (remembered !== null) return;
      remembered = { requests: (rate * windowMs) / 4, ms: windowMs / 4 };
      spareNow = null;
    },
  };
}

function isOlder(one: ObservedRequest, other: ObservedRequest): boolean {
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.number <= other.number);
}
