import type { RateReading } from "./rate-headers.ts";
import { createSentHistory, type SentHistory } from "./sent-history.ts";
import { createServerWindow, RESET_STEP_MS, type ServerWindow, type WindowSign } from "./server-window.ts";
import type { Evidence } from "./stranger-needs.ts";
import { createUnevenness, type Unevenness } from "./unevenness.ts";

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

export interface Point extends ObservedRequest, WindowSign {
  /** Until the oldest request leaves the window, or all of them do. */
  quietMs: number;
}

/**
 * Finds out from the headers of one of the server's limits what somebody else spends of it: what is left falls faster than our own
 * requests explain.
 */
export interface StrangerWatch {
  observe(reading: RateReading, request: ObservedRequest): void;
  /** What other processes found out, for as long as this one knows nothing of its own. True: it is taken. */
  hear(rate: number): boolean;
  /** The last answer that told something; null: none yet. */
  last(): Point | null;
  /** The limit as the server says it. */
  quota(): number;
  windowMs(): number;
  /** How long an answer takes at the most. */
  slowestMs(): number;
  readonly server: ServerWindow;
  readonly history: SentHistory;
  /** What is known of the stranger, and how likely it is that there is one. */
  evidence(): Evidence;
  likelihood(seen: Evidence): number;
  unevenness(): Unevenness;
  /** Requests a millisecond that he spends. */
  rate(): number;
  /** Of his, the sliding window holds so many at the least. */
  inWindow(point: Point): number;
  /** By how much more than comes back he spends a millisecond, as far as it can't be chance. */
  drift(point: Point, theirs: number): number;
  /** So many requests may look like his, and are not. */
  noise(): number;
}

/**
 * Requests that overtake each other on the way look like somebody else's: fewer than this, or this share, or than were on
 * the way at once, is nobody.
 */
const NOISE_REQUESTS = 3;
const NOISE_SHARE = 0.005;
/** What shows in less than this share of a window is taken to be what that long would show. */
export const SHORTEST_LOOK_SHARE = 0.02;
/** What the windows before said about the stranger counts as much as so many windows, at the most. */
const MEMORY_WINDOWS = 2;
/** In deviations of what comes by chance: more than this is none, but another stranger than before. */
const SURPRISE = 3;
/** Where this share of the quota is ours, it isn't known how much of what is missing is somebody else's. */
const OURS_SHARE = 0.02;
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
export const SHORTEST_FOLLOWED_MS = 3000;

export function createStrangerWatch(configuredWindowMs: number): StrangerWatch {
  const server = createServerWindow();
  let quota = 0;
  let windowMs = configuredWindowMs;
  /** The first request of the window that was followed, and the last. */
  let first: Point | null = null;
  let last: Point | null = null;
  /** Requests of ours that may have been sent before the first window began; null: too many to tell what is whose. */
  let oursBefore: number | null | undefined;
  /** `sumOf` when it began, of all points within a moment: the first may have been overtaken on the way. */
  let base = { sum: 0, points: 1 };
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

  function observe(reading: RateReading, request: ObservedRequest): void {
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
    const point: Point = {
      ...request,
      remaining: reading.remaining,
      quietMs: resetMs ?? 0,
      endsAfter: resetMs === null ? Number.NEGATIVE_INFINITY : request.sentAt + resetMs - RESET_STEP_MS,
      endsBefore: resetMs === null ? Number.POSITIVE_INFINITY : request.heardAt + resetMs,
    };
    const move = server.moveOf(point, last, { quota, windowMs, noise: noiseRequests() });
    // It may have arrived in the window before.
    if (move === "old") return;
    const isFirst = move === "resets" || move === "unclear" || (move === "slides" && server.kind() !== "sliding");
    const kindBefore = server.kind();
    if (isFirst) remember();
    server.follow(point, move, windowMs);
    if (isFirst) begin(point, server.kind() === kindBefore);
    if (isFirst && move !== "slides") before = spentSinceReset(point);
    if (first === null) {
      startFrom(point);
      isFresh = beganWithUs(point, resetMs);
      if (oursBefore === undefined) oursBefore = isMostlyUnspent(point) ? point.used : isFresh ? 0 : null;
      before = spentBefore(point, resetMs);
      smoothed = 0;
    } else if (server.kind() === "unknown" && first.onTheWay > FEW_ON_THE_WAY && point.onTheWay <= FEW_ON_THE_WAY) {
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
    history.add(point, windowMs);
  }

  /** This is the first request of a window. */
  function begin(point: Point, isSameKind: boolean): void {
    if (!isSameKind) unevenness = createUnevenness();
    unevenness.begin();
    oursBefore = null;
    startFrom(point);
    before = { requests: 0, ms: 0 };
    smoothed = 0;
    isFresh = false;
    lately = [];
    clear = null;
  }

  /** Of a new window, where it is clear enough how much of what is missing is ours. */
  function spentSinceReset(point: Point): Evidence {
    const start = point.endsBefore - windowMs;
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
    server.forget();
  }

  /** Nothing is missing but what we sent, and the window seems no older than that. */
  function beganWithUs(point: Point, resetMs: number | null): boolean {
    const missing = quota - point.remaining - point.used;
    if (resetMs === null || missing > Math.max(point.onTheWay, noiseRequests())) return false;
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
    const missing = quota - point.remaining - point.used;
    // What others sent later may have arrived before it.
    const requests = isFresh ? missing - (point.onTheWay - 1) : missing;
    // Where we spent too, it isn't known how much of it in this window.
    if (resetMs === null || !isMostlyUnspent(point)) return { requests: 0, ms: 0 };
    // Nor how much of what is on the way has arrived.
    if (!isFresh && point.onTheWay > Math.max(NOISE_REQUESTS, quota * NOISE_SHARE)) return { requests: 0, ms: 0 };
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
    if (server.kind() === "sliding" || first === null) return;
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
    if (server.kind() === "sliding") unevenness.add(theirsInWindow(point), point.sentAt, 0, 2 * rate);
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
    if (server.kind() !== "unknown" || oursBefore === null || oursBefore === undefined) return Number.POSITIVE_INFINITY;
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
    const runningMs = last === null ? windowMs : windowMs - (server.resetBefore() - last.sentAt);
    const ms = Math.min(windowMs, Math.max(runningMs, SHORTEST_LOOK_SHARE * windowMs));
    // Of a window that is longer than ours, more of our own is missing than is counted.
    if (
      last === null ||
      server.kind() !== "unknown" ||
      windowMs > configuredWindowMs ||
      server.resetBefore() === Number.POSITIVE_INFINITY
    )
      return { requests: 0, ms };
    return { requests: Math.max(0, quota - last.remaining - last.used - last.onTheWay), ms };
  }

  /**
   * Nobody was seen: how likely it is that somebody comes all the same, who was as likely as not, and to come as often as any. And
   * where the window seems to have begun with our first request, that it did: it slides, rather, and was empty.
   */
  function likelihood(seen: Evidence): number {
    if (seen.requests > NOISE_REQUESTS) return 1;
    const most = (quota * seen.ms) / windowMs;
    const unseen = most > 0 ? (1 - Math.exp(-most)) / most : 1;
    return (unseen / (1 + unseen)) * (isFresh && server.kind() === "unknown" ? BEGUN_BY_CHANCE : 1);
  }

  /** Of the stranger's, the sliding window holds so many at the least. */
  function theirsInWindow(point: Point): number {
    const start = history.sentAfter(point.sentAt - windowMs);
    return Math.max(0, quota - point.remaining - (start === null ? point.used : point.number - start));
  }

  /** By how much more than comes back the stranger spends a millisecond, as far as it can't be chance. */
  function driftOf(point: Point, theirs: number): number {
    const ms = first === null ? 0 : point.sentAt - first.sentAt;
    const chance = SURPRISE * Math.sqrt((2 * theirs * ms) / windowMs) + noiseRequests();
    return ms <= 0 ? 0 : Math.max(0, theirsSinceFirst() - chance) / ms;
  }

  /** Requests a millisecond that somebody else spends. */
  function strangerRate(): number {
    if (windowMs < SHORTEST_FOLLOWED_MS) return 0;
    if (first === null || last === null) return rememberedRate();
    const noise = noiseRequests();
    const most = quota / windowMs;
    if (server.kind() === "sliding") {
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

  return {
    observe,
    hear(rate) {
      if (remembered !== null) return false;
      remembered = { requests: (rate * windowMs) / 4, ms: windowMs / 4 };
      return true;
    },
    last: () => last,
    quota: () => quota,
    windowMs: () => windowMs,
    slowestMs: () => slowestMs,
    server,
    history,
    evidence,
    likelihood,
    unevenness: () => unevenness,
    rate: strangerRate,
    inWindow: theirsInWindow,
    drift: driftOf,
    noise: noiseRequests,
  };
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
