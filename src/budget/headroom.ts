import type { RateReading } from "./rate-headers.ts";
import { LEAST_LEFT, LOOKS, mostInSlidingWindow, mostUntilReset } from "./stranger-needs.ts";
import {
  createStrangerWatch,
  type Given,
  type ObservedRequest,
  type Point,
  SHORTEST_FOLLOWED_MS,
} from "./stranger-watch.ts";

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
  /** The backend has forgotten what was sent before. What is known of the stranger is kept. */
  restart(at: number): void;
  /** What all processes together had been given by `askedAt` or later. */
  confirm(given: Given, askedAt: number): void;
  /** `intervalMs`: between requests at the even pace. */
  advise(now: number, intervalMs: number): Advice;
  /**
   * Requests may follow each other as fast as they can until the permit with this number: what is left, less what is on the
   * way, and less what a stranger may take until it resets, as far as can be told by now. `fastMs`: between such requests.
   */
  fastUpTo(fastMs: number): number;
  /** Requests a millisecond that somebody else spends; null: it can't be told yet. */
  strangerRate(): number | null;
  /** What other processes found out about the stranger, for as long as this one knows nothing of its own. */
  hear(strangerRate: number): void;
}

/** Between two requests, when next to nothing is left: so large a share of a window, for looks that were reckoned with. */
const RARE_SHARE = 1 / LOOKS;
/** Of a window that slides what may be spent comes and goes by chance, so there more looks are worth it. */
const SLIDING_LOOKS_SHARE = RARE_SHARE / 2;
/** And so large a share while it isn't known how evenly the stranger comes. */
const FIRST_LOOKS_SHARE = 1 / 60;
/** Where it isn't certain that there is a stranger, what is left need not last for longer: by then it is known better. */
const UNCERTAIN_SHARE = 1 / 10;
/** How much longer the next time is at which is asked whether something may be sent by then. */
const LOOK_GROWTH = 1.5;

export function createHeadroom(configuredWindowMs: number): Headroom {
  const watch = createStrangerWatch(configuredWindowMs);
  const { server, history } = watch;
  /** Worked out once for each answer. */
  let spareNow: number | null = null;

  function fastUpTo(fastMs: number): number {
    const last = watch.last();
    if (last === null) return 0;
    if (watch.windowMs() < SHORTEST_FOLLOWED_MS)
      return watch.windowMs() / fastMs <= watch.quota() / 2 ? Number.MAX_SAFE_INTEGER : 0;
    return last.number - last.flying + (isLongRun(last) ? 0 : spare());
  }

  /** What is sent together comes back together: of a sliding window more is had by who spreads it, once the first is over. */
  function isLongRun(point: Point): boolean {
    const start = history.numberAt(point.sentAt - watch.windowMs());
    const stranger = watch.rate();
    return (
      server.kind() === "sliding" &&
      stranger > 0 &&
      start !== null &&
      point.number - start > (watch.quota() - stranger * watch.windowMs()) / 2
    );
  }

  /** Requests that may be sent at once, and the stranger finds room all the same, unless he comes as by no chance. */
  function spare(): number {
    const last = watch.last();
    return (spareNow ??=
      last === null ? 0 : last.remaining - Math.max(neededUntilReset(last), neededWhileSliding(last)));
  }

  function neededUntilReset(point: Point): number {
    return server.kind() === "sliding" ? 0 : neededIn(0, point);
  }

  /** What must be left for the stranger in so long, if until then he goes on as he did. */
  function neededIn(ms: number, point: Point): number {
    const seen = watch.evidence();
    const more = seen.ms > 0 ? (seen.requests * ms) / seen.ms : 0;
    return mostUntilReset({
      seen: { requests: seen.requests + more, ms: seen.ms + ms },
      ms: Math.min(watch.windowMs(), Math.max(0, server.resetBefore() - point.sentAt)) - ms,
      windowMs: watch.windowMs(),
      leftAlone: point.remaining + point.used - more,
      unevenness: watch.unevenness().atMost(),
      likely: watch.likelihood(seen),
    });
  }

  function neededWhileSliding(point: Point): number {
    if (server.kind() === "fixed") return 0;
    const from = point.sentAt - watch.windowMs();
    const start = history.sentAfter(from);
    const theirs = watch.inWindow(point);
    return mostInSlidingWindow({
      theirs,
      windowMs: watch.windowMs(),
      quietMs: point.quietMs,
      drift:
        server.kind() === "unknown" && server.resetBefore() === Number.POSITIVE_INFINITY
          ? watch.drift(point, theirs)
          : 0,
      unevenness: watch.unevenness().atMost(),
      backWithin: (ms) =>
        start === null ? 0 : Math.max(0, (history.sentBefore(from + ms - watch.slowestMs()) ?? start) - start),
    });
  }

  /** What is left is enough for the wanted pace, if it is only ours: then nothing that is on the way, or rounded, matters. */
  function isEnough(point: Point, intervalMs: number): boolean {
    if (server.kind() === "sliding") return point.remaining > 0;
    return point.remaining + watch.noise() >= (server.resetAfter() - point.sentAt) / intervalMs;
  }

  function advise(now: number, intervalMs: number): Advice {
    const last = watch.last();
    if (last === null) return { kind: "free" };
    const stranger = watch.rate();
    if (stranger === 0 && isEnough(last, intervalMs)) return { kind: "free" };
    const left = last.remaining - last.onTheWay - stranger * (now - last.sentAt);
    const usable = stranger === 0 ? left : left - (last.remaining - spare());
    const isSoonKnown = !watch.unevenness().isKnown() && spare() >= -LOOKS;
    const backMs = server.kind() === "sliding" ? history.endOfOldest(watch.windowMs()) - now : 0;
    const rareMs = Math.min(
      (isSoonKnown ? FIRST_LOOKS_SHARE : server.kind() === "sliding" ? SLIDING_LOOKS_SHARE : RARE_SHARE) *
        watch.windowMs(),
      backMs > 0 ? backMs + watch.slowestMs() : Number.POSITIVE_INFINITY,
    );
    if (server.resetBefore() === Number.POSITIVE_INFINITY) {
      if (left <= LEAST_LEFT) return { kind: "pause", forMs: watch.windowMs() / 20 };
      return usable > 0 ? { kind: "free" } : paceAdvice(0, intervalMs, rareMs);
    }
    if (server.kind() === "sliding") {
      // Nothing comes back before a window is over: a look now and then must not use up the reserve.
      if (left < 1) return { kind: "pause", forMs: history.endOfOldest(watch.windowMs()) - now };
      const even = watch.quota() / watch.windowMs() - stranger;
      const sliding = slidingPace(spare(), now);
      const pace = sliding === null ? even : Math.min(even + usable / watch.windowMs(), sliding);
      return paceAdvice(usable > 0 ? pace : 0, intervalMs, rareMs);
    }
    const leftMs = server.resetBefore() - now;
    if (leftMs <= 0) return { kind: "free" };
    if (left <= (stranger > 0 ? LEAST_LEFT : 0)) return { kind: "pause", forMs: leftMs };
    if (left <= watch.leastRate() * leftMs + LEAST_LEFT)
      return { kind: "pause", forMs: Math.min(leftMs, RARE_SHARE * watch.windowMs()) };
    // Where the window may turn out to slide, nothing comes back before one is over since the first request.
    const untilBackMs =
      server.kind() === "unknown" ? Math.max(leftMs, history.endOfOldest(watch.windowMs()) - now) : leftMs;
    const spreadMs = stranger > 0 ? untilBackMs : Math.min(untilBackMs, UNCERTAIN_SHARE * watch.windowMs());
    const lookMs = untilSpare(last, intervalMs, Math.min(rareMs, leftMs / 2));
    return paceAdvice(usable / spreadMs, intervalMs, lookMs);
  }

  /** How long it takes until one more may be sent, if the stranger goes on as he did; at the most `longestMs`. */
  function untilSpare(point: Point, shortestMs: number, longestMs: number): number {
    const known = watch.evidence();
    const rate = known.ms > 0 ? known.requests / known.ms : 0;
    if (point.remaining - point.onTheWay < neededWhileSliding(point) + 1) return longestMs;
    const leftForUs = watch.quota() / watch.windowMs() - rate;
    for (let ms = Math.max(shortestMs, leftForUs > 0 ? 1 / leftForUs : longestMs); ms < longestMs; ms *= LOOK_GROWTH) {
      if (point.remaining - point.onTheWay - rate * ms - neededIn(ms, point) >= 1) return ms;
    }
    return longestMs;
  }

  /**
   * Of a sliding window that the stranger spends evenly of, we get back what we sent a window ago, no sooner. Null where
   * that is not known.
   */
  function slidingPace(usable: number, now: number): number | null {
    const start = history.numberAt(now - watch.windowMs());
    if (start === null) return null;
    return Math.min(
      ...[1 / 16, 1 / 8].map((share) => {
        const ms = share * watch.windowMs();
        return (usable + (history.numberAt(now - watch.windowMs() + ms) ?? start) - start) / ms;
      }),
    );
  }

  return {
    observe(reading, request) {
      spareNow = null;
      watch.observe(reading, request);
    },
    restart(at) {
      spareNow = null;
      watch.restart(at);
    },
    confirm(given, askedAt) {
      if (watch.confirm(given, askedAt)) spareNow = null;
    },
    advise,
    fastUpTo,
    strangerRate: () => (watch.rate() > 0 || watch.isNobody() ? watch.rate() : null),
    hear(rate) {
      if (watch.hear(rate)) spareNow = null;
    },
  };
}

/** However little is left, one request now and then shows whether that is still so. */
function paceAdvice(pace: number, intervalMs: number, rareMs: number): Advice {
  if (pace * intervalMs >= 0.98) return { kind: "free" };
  return { kind: "pace", intervalMs: Math.max(intervalMs, pace > 0 ? Math.min(1 / pace, rareMs) : rareMs) };
}
