import type { RateReading } from "./rate-headers.ts";
import { createSentHistory } from "./sent-history.ts";
import { LEAST_LEFT, LOOKS, mostInSlidingWindow, mostUntilReset, type Evidence } from "./stranger-needs.ts";
import { createUnevenness } from "./unevenness.ts";

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
/** Between two requests, when next to nothing is left: so large a share of a window, for looks that were reckoned with. */
const RARE_SHARE = 1 / LOOKS;
/** Of a window that slides what may be spent comes and goes by chance, so there more looks are worth it. */
const SLIDING_LOOKS_SHARE = RARE_SHARE / 2;
/** And so large a share while it isn't known how evenly the stranger comes. */
const FIRST_LOOKS_SHARE = 1 / 60;
/** How much longer the next time is at which is asked whether something may be sent by then. */
const LOOK_GROWTH = 1.5;
/** `t` is in whole seconds. */
const RESET_STEP_MS = 1000;
/** How likely it is, at the most, that a window which seems to have begun with our first request did so by chance. */
const BEGUN_BY_CHANCE = 0.1;
/** What was clear lately counts, where it is of at least so large a share of the time. */
const CLEAR_SHARE = 0.8;
/** Lately: within so large a share of a window, or twice that. */
const LATELY_SHARE = 1 / 20;
/** So many points of the first moment tell what was left when it began. */
const MOST_AT_BASE = 8;
/** With more on the way, requests that overtake each other hide how evenly the stranger comes. */
const FEW_ON_THE_WAY = 2;
/** In windows shorter than this, headers in whole seconds don't tell who spends what. */
const SHORTEST_FOLLOWED_MS = 3000;
/** The server's clock and ours need not run alike. */
const CLOCK_SLACK_MS = 100;

/** The window resets between these times. */
interface End {
  after: number;
  before: number;
}

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
  /** Requests of ours that may have been sent before the first window began; null: too many to tell what is whose. */
  let oursBefore: number | null | undefined;
  /** `sumOf` when it began, of all points within a moment: the first may have been overtaken on the way. */
  let base = { sum: 0, points: 1 };
  /** The window resets between these times. */
  let resetAfter = Number.NEGATIVE_INFINITY;
  let resetBefore = Number.POSITIVE_INFINITY;
  /** When it showed that this window had begun. */
  let switchedAt = Number.NEGATIVE_INFINITY;
  /** What the stranger spent in the windows before, the older the less it counts; null: not known. */
  let remembered: Evidence | null = null;
  /** How long an answer takes at the most. */
  let slowestMs = 0;
  /** What was spent by somebody else before the first request of the first window, and in which time. */
  let before: Evidence = { requests: 0, ms: 0 };
  /** What the stranger spent since the first request, smoothed. */
  let smoothed = 0;
  let unevenness = createUnevenness();
  /** What was spent by somebody else when little was on the way last. */
  let clear: Evidence | null = null;
  /** Two points of the last while, the first of them at least so long ago. */
  let lately: Point[] = [];
  /** Nothing was missing of the first window, and it was said to last for all of its length still. */
  let isFresh = false;
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
    quota = reading.quota ?? Math.max(quota, reading.remaining);
    windowMs = reading.windowSeconds === null ? windowMs : reading.windowSeconds * 1000;
    slowestMs = Math.max(slowestMs * 0.99, request.heardAt - request.sentAt);
    const resetMs = reading.resetSeconds === null ? null : Math.min(reading.resetSeconds * 1000, windowMs);
    const point: Point = { ...request, remaining: reading.remaining, quietMs: resetMs ?? 0 };
    const after = resetMs === null ? Number.NEGATIVE_INFINITY : request.sentAt + resetMs - 1000;
    const resetsBefore = resetMs === null ? Number.POSITIVE_INFINITY : request.heardAt + resetMs;

    const end: End = { after, before: resetsBefore };
    // It may have arrived in the window before.
    if (request.sentAt < switchedAt && (kind === "fixed" || end.before < resetAfter)) return;
    const move = last === null ? "none" : moveOf(point, last, end);
    if (move === "slides") {
      if (kind !== "sliding") begin(point, "sliding");
      resetAfter = Number.NEGATIVE_INFINITY;
      resetBefore = Number.POSITIVE_INFINITY;
    } else if (move === "resets" || move === "unclear") {
      begin(point, move === "resets" ? "fixed" : kind);
      before = spentSinceReset(point, end);
      // Windows usually follow each other, and `t` alone is only true to the second.
      const follows = resetBefore + windowMs > after && resetAfter + windowMs < resetsBefore;
      resetAfter = follows ? resetAfter + windowMs : Number.NEGATIVE_INFINITY;
      resetBefore = follows ? resetBefore + windowMs : Number.POSITIVE_INFINITY;
    }
    if (first === null) {
      startFrom(point);
      if (oursBefore === undefined) oursBefore = isMostlyUnspent(point) ? point.used : null;
      before = spentBefore(point, resetMs);
      smoothed = 0;
      isFresh = beganWithUs(point, resetMs);
    } else if (kind === "unknown" && first.onTheWay > FEW_ON_THE_WAY && point.onTheWay <= FEW_ON_THE_WAY) {
      anchor(point, resetMs);
    }
    const began = first ?? point;
    if (began !== point && point.sentAt - began.sentAt < RESET_STEP_MS && base.points < MOST_AT_BASE) {
      base = { sum: base.sum + sumOf(point), points: base.points + 1 };
    }
    last = point;
    smooth();
    if (point.onTheWay <= FEW_ON_THE_WAY) {
      const requests = Math.max(0, theirsSinceFirst()) + before.requests;
      clear = { requests, ms: point.sentAt - began.sentAt + before.ms };
    }
    lookForAnother(point);
    lookAtUnevenness(point);
    resetAfter = Math.max(resetAfter, after);
    resetBefore = Math.min(resetBefore, resetsBefore);
    history.add(point, windowMs);
  }

  /** This is the first request of a window. */
  function begin(point: Point, newKind: typeof kind): void {
    remember();
    if (kind !== newKind) unevenness = createUnevenness();
    unevenness.begin();
    kind = newKind;
    oursBefore = null;
    startFrom(point);
    before = { requests: 0, ms: 0 };
    smoothed = 0;
    isFresh = false;
    lately = [];
    clear = null;
    switchedAt = point.heardAt;
  }

  /** Of a new window, where it is clear enough how much of what is missing is ours. */
  function spentSinceReset(point: Point, end: End): Evidence {
    const start = end.before - windowMs;
    const ours = Math.min(point.used, point.number - (history.sentBefore(start) ?? Number.NEGATIVE_INFINITY));
    if (ours > noiseRequests()) return { requests: 0, ms: 0 };
    return { requests: Math.max(0, quota - point.remaining - ours), ms: Math.max(0, point.sentAt - start) };
  }

  /** Requests were stopped for a while. What is known of the stranger is kept. */
  function restart(): void {
    remember();
    isFresh = false;
    lately = [];
    clear = null;
    unevenness.begin();
    first = null;
    last = null;
    before = { requests: 0, ms: 0 };
    history.clear();
    resetAfter = Number.NEGATIVE_INFINITY;
    resetBefore = Number.POSITIVE_INFINITY;
  }

  /** Nothing is missing but what we sent, and the window seems no older than that. */
  function beganWithUs(point: Point, resetMs: number | null): boolean {
    if (resetMs === null || point.remaining + point.used + point.onTheWay < quota) return false;
    return resetMs >= windowMs || (point.used > point.flying && resetMs >= (1 - SHORTEST_LOOK_SHARE) * windowMs);
  }

  /** It is soon clear what the first request left open, with so much else on the way. */
  function anchor(point: Point, resetMs: number | null): void {
    if (first === null || point.sentAt - first.sentAt > SHORTEST_LOOK_SHARE * windowMs) return;
    const then = spentBefore(point, resetMs);
    const since = Math.max(0, base.sum / base.points - sumOf(point) - first.onTheWay);
    before =
      then.ms > 0
        ? then
        : { requests: before.requests + since, ms: before.ms + Math.max(0, point.sentAt - first.sentAt) };
    startFrom(point);
    smoothed = 0;
  }

  /** The window has been running for a while: what is missing and not ours, somebody else spent. */
  function spentBefore(point: Point, resetMs: number | null): Evidence {
    const requests = quota - point.remaining - point.used - (point.onTheWay - 1);
    // Where we spent too, it isn't known how much of it in this window.
    if (resetMs === null || !isMostlyUnspent(point)) return { requests: 0, ms: 0 };
    return { requests: Math.max(0, requests), ms: windowMs - resetMs };
  }

  function startFrom(point: Point): void {
    first = point;
    base = { sum: sumOf(point), points: 1 };
  }

  function theirsSinceFirst(): number {
    return last === null ? 0 : base.sum / base.points - sumOf(last);
  }

  function smooth(): void {
    smoothed += (theirsSinceFirst() - smoothed) / 8;
  }

  /** More than was expected is soon another stranger; to take him for gone is dearer. */
  function isSurprise(more: number, variance: number, noise = 0): boolean {
    const chance = Math.sqrt(variance);
    return more > 0
      ? more > SURPRISE * chance + noiseRequests() + noise
      : -more > 2 * (SURPRISE * chance + noiseRequests() + noise);
  }

  /** Where what was seen lately is no chance, it is another stranger than before, or none: what is known begins there. */
  function lookForAnother(point: Point): void {
    if (kind === "sliding" || first === null) return;
    const [since, next] = lately;
    if (since === undefined || point.sentAt - since.sentAt >= 2 * LATELY_SHARE * windowMs) {
      lately = next === undefined ? [point] : [next, point];
    } else if (next === undefined && point.sentAt - since.sentAt >= LATELY_SHARE * windowMs) {
      lately = [since, point];
    }
    const from = lately[0]!;
    const leastMs = LATELY_SHARE * windowMs;
    if (from.sentAt - first.sentAt < leastMs || point.sentAt - from.sentAt < leastMs) return;
    const ms = from.sentAt - first.sentAt + before.ms;
    const known = Math.max(0, base.sum / base.points - sumOf(from)) + before.requests;
    const expected = (known / ms) * (point.sentAt - from.sentAt);
    const seen = sumOf(from) - sumOf(point);
    if (!isSurprise(seen - expected, expected * (1 + (point.sentAt - from.sentAt) / ms), from.onTheWay)) return;
    startFrom(from);
    before = { requests: 0, ms: 0 };
    remembered = null;
    smoothed = seen;
    clear = null;
    unevenness = createUnevenness();
  }

  function lookAtUnevenness(point: Point): void {
    if (point.onTheWay > FEW_ON_THE_WAY) return;
    const rate = strangerRate();
    // As many as come, others of his leave a sliding window.
    if (kind === "sliding") unevenness.add(theirsInWindow(point), point.sentAt, 0, 2 * rate);
    else unevenness.add(theirsSinceFirst(), point.sentAt, rate, rate);
  }

  /** What is known of the stranger, and nothing that he has given the lie to by now. */
  function evidence(): Evidence {
    if (first === null || last === null) return { requests: 0, ms: 0 };
    const now: Evidence = {
      requests: Math.max(0, theirsSinceFirst() - last.onTheWay, smoothed) + before.requests,
      ms: last.sentAt - first.sentAt + before.ms,
    };
    const candidates = [now, missingInWindow()];
    if (clear !== null && clear.ms >= CLEAR_SHARE * now.ms) candidates.push(clear);
    const most = candidates.reduce((sofar, one) => (rateOf(one) > rateOf(sofar) ? one : sofar));
    const seen = { ...most, requests: Math.min(most.requests, mostMissing(last)) };
    if (remembered === null) return seen;
    const expected = (remembered.requests / remembered.ms) * Math.max(seen.ms, SHORTEST_LOOK_SHARE * windowMs);
    const isOther = seen.ms > SHORTEST_LOOK_SHARE * windowMs && isSurprise(seen.requests - expected, expected);
    return isOther ? seen : { requests: seen.requests + remembered.requests, ms: seen.ms + remembered.ms };
  }

  const isMostlyUnspent = (point: Point): boolean => point.used <= noiseRequests() + point.flying + quota * OURS_SHARE;

  /** Of the first window no more can be missing than what surely arrived of ours leaves unexplained. */
  function mostMissing(point: Point): number {
    if (kind !== "unknown" || oursBefore === null || oursBefore === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, quota - point.remaining - point.used) + point.flying + oursBefore;
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
    return kind === "sliding" ? 0 : neededIn(0, point);
  }

  /** What must be left for the stranger in so long, if until then he goes on as he did. */
  function neededIn(ms: number, point: Point): number {
    const seen = evidence();
    const more = seen.ms > 0 ? (seen.requests * ms) / seen.ms : 0;
    return mostUntilReset({
      seen: { requests: seen.requests + more, ms: seen.ms + ms },
      ms: Math.min(windowMs, Math.max(0, resetBefore - point.sentAt)) - ms,
      windowMs,
      leftAlone: point.remaining + point.used - more,
      unevenness: unevenness.atMost(),
      likely: likelihood(seen),
    });
  }

  /**
   * Nobody was seen: how likely it is that somebody comes all the same, who was as likely as not, and to come as often as any. And
   * where the window seems to have begun with our first request, that it did: it slides, rather, and was empty.
   */
  function likelihood(seen: Evidence): number {
    if (seen.requests > NOISE_REQUESTS) return 1;
    const most = (quota * seen.ms) / windowMs;
    const unseen = most > 0 ? (1 - Math.exp(-most)) / most : 1;
    return (unseen / (1 + unseen)) * (isFresh && kind === "unknown" ? BEGUN_BY_CHANCE : 1);
  }

  /** Of the stranger's, the sliding window holds so many at the least. */
  function theirsInWindow(point: Point): number {
    const start = history.sentAfter(point.sentAt - windowMs);
    return Math.max(0, quota - point.remaining - (start === null ? point.used : point.number - start));
  }

  function neededWhileSliding(point: Point): number {
    if (kind === "fixed") return 0;
    const from = point.sentAt - windowMs;
    const start = history.sentAfter(from);
    const theirs = theirsInWindow(point);
    return mostInSlidingWindow({
      theirs,
      windowMs,
      quietMs: point.quietMs,
      drift: kind === "unknown" && resetBefore === Number.POSITIVE_INFINITY ? driftOf(point, theirs) : 0,
      unevenness: unevenness.atMost(),
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

  /**
   * What the end of the window, or the moment at which its oldest request leaves it, did since the last answer. A window that is
   * counted anew ends a window later. Of one that slides, the last request that was heard of would have to be gone first.
   */
  function moveOf(point: Point, before: Point, end: End): "none" | "slides" | "resets" | "unclear" {
    if (end.before === Number.POSITIVE_INFINITY || resetBefore === Number.POSITIVE_INFINITY) {
      if (point.remaining <= before.remaining + noiseRequests()) return "none";
      return looksReset(point, before) ? "resets" : "slides";
    }
    if (end.after <= resetBefore + CLOCK_SLACK_MS) return "none";
    if (end.before - resetAfter < windowMs - RESET_STEP_MS) return "slides";
    const isStillCounted = point.heardAt - before.sentAt < windowMs && before.heardAt < resetAfter - RESET_STEP_MS;
    return isStillCounted ? "resets" : "unclear";
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
    const isSoonKnown = !unevenness.isKnown() && spare() >= -LOOKS;
    const backMs = kind === "sliding" ? history.endOfOldest(windowMs) - now : 0;
    const rareMs = Math.min(
      (isSoonKnown ? FIRST_LOOKS_SHARE : kind === "sliding" ? SLIDING_LOOKS_SHARE : RARE_SHARE) * windowMs,
      backMs > 0 ? backMs + slowestMs : Number.POSITIVE_INFINITY,
    );
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
    const knownMs = Math.max(known.ms, SHORTEST_LOOK_SHARE * windowMs);
    const least = Math.max(0, known.requests - 2 * Math.sqrt(known.requests) - noiseRequests()) / knownMs;
    if (left <= least * leftMs + LEAST_LEFT) return { kind: "pause", forMs: Math.min(leftMs, RARE_SHARE * windowMs) };
    // Where the window may turn out to slide, nothing comes back before one is over since the first request.
    const spreadMs = kind === "unknown" ? Math.max(leftMs, history.endOfOldest(windowMs) - now) : leftMs;
    const lookMs = untilSpare(last, intervalMs, Math.min(rareMs, leftMs / 2));
    return paceAdvice(usable / spreadMs, intervalMs, lookMs);
  }

  /** How long it takes until one more may be sent, if the stranger goes on as he did; at the most `longestMs`. */
  function untilSpare(point: Point, shortestMs: number, longestMs: number): number {
    const known = evidence();
    const rate = known.ms > 0 ? known.requests / known.ms : 0;
    if (point.remaining - point.onTheWay < neededWhileSliding(point) + 1) return longestMs;
    const leftForUs = quota / windowMs - rate;
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

/** However little is left, one request now and then shows whether that is still so. */
function paceAdvice(pace: number, intervalMs: number, rareMs: number): Advice {
  if (pace * intervalMs >= 0.98) return { kind: "free" };
  return { kind: "pace", intervalMs: Math.max(intervalMs, pace > 0 ? Math.min(1 / pace, rareMs) : rareMs) };
}

/** What is left and what all of us have sent: less by what somebody else spent. */
function sumOf({ remaining, number }: Point): number {
  return remaining + number;
}

function rateOf({ requests, ms }: Evidence): number {
  return requests / Math.max(1, ms);
}

function isOlder(one: ObservedRequest, other: ObservedRequest): boolean {
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.number <= other.number);
}
