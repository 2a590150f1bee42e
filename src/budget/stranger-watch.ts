import type { RateReading } from "./rate-headers.ts";
import { createSentHistory, type SentHistory } from "./sent-history.ts";
import { createServerWindow, RESET_STEP_MS, type ServerWindow, type WindowSign } from "./server-window.ts";
import { createSpentBounds, type Mark } from "./spent-bounds.ts";
import type { Evidence } from "./stranger-needs.ts";
import { createUnevenness, type Unevenness } from "./unevenness.ts";

/** A request whose answer is read. Times are in milliseconds of the budget's clock. */
export interface ObservedRequest {
  /** Of its permit: how many requests all processes together had sent by then. */
  number: number;
  sentAt: number;
  heardAt: number;
  /** About how many requests of all processes were sent after it, and may not have arrived when it was answered. */
  onTheWay: number;
  /** Requests that were on their way when it was sent, itself included. */
  flying: number;
  /** Requests of all processes that the budget counted then: no fewer than the server did. */
  used: number;
  /** Of all that were ever sent, so many had been answered by then: no more than the server had counted. */
  answered: number;
}

/** Of all processes together. */
export interface Given {
  /** Permits ever. */
  number: number;
  /** Those that the budget counts: no fewer than the server does. */
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
  /** The backend has forgotten what was sent before. What is known of the stranger is kept. */
  restart(at: number): void;
  /** What was given out by `askedAt` or later. Answers whether that tells something new. */
  confirm(given: Given, askedAt: number): boolean;
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
  /** What the stranger spent, at the most, and how likely it is that there is one. */
  evidence(): Evidence;
  likelihood(seen: Evidence): number;
  unevenness(): Unevenness;
  /** Requests a millisecond that he surely spends, by chance included. */
  leastRate(): number;
  /** Requests a millisecond that he spends; 0 while it isn't certain that there is one. */
  rate(): number;
  /** There is none, as far as can be told after so long. */
  isNobody(): boolean;
  /** Of his, the sliding window holds so many at the least. */
  inWindow(point: Point): number;
  /** By how much more than comes back he spends a millisecond, as far as it can't be chance. */
  drift(point: Point, theirs: number): number;
  /** So many requests may look like his, and are not. */
  noise(): number;
}

/** Requests that overtake each other on the way look like somebody else's: fewer than this, or this share, is nobody. */
const NOISE_REQUESTS = 3;
const NOISE_SHARE = 0.005;
/** What shows in less than this share of a window is taken to be what that long would show. */
const SHORTEST_LOOK_SHARE = 0.02;
/** What the windows before said about the stranger counts as much as so many windows, at the most. */
const MEMORY_WINDOWS = 2;
/** In deviations of what comes by chance: more than this is none, but another stranger than before. */
const SURPRISE = 3;
/** How likely it is, at the most, that a window which seems to have begun with our first request did so by chance. */
const BEGUN_BY_CHANCE = 0.01;
/** Lately: within so large a share of a window, or twice that. */
const LATELY_SHARE = 1 / 20;
/** With more on the way, requests that overtake each other hide how evenly the stranger comes. */
const FEW_ON_THE_WAY = 2;
/** In windows shorter than this, headers in whole seconds don't tell who spends what. */
export const SHORTEST_FOLLOWED_MS = 3000;

/** What was known by then. */
interface Known {
  mark: Mark;
  seen: Evidence;
}

export function createStrangerWatch(configuredWindowMs: number): StrangerWatch {
  const server = createServerWindow();
  let quota = 0;
  let windowMs = configuredWindowMs;
  /** The first request of the window that was followed, and the last. */
  let first: Point | null = null;
  let last: Point | null = null;
  let bounds = createSpentBounds(windowMs);
  /** Heard, and not known yet how many of ours were sent by then. */
  let unconfirmed: Point | null = null;
  /** How far the bounds were from each other when least was on the way. */
  let clearest = Number.POSITIVE_INFINITY;
  /** Of a sliding window: his, at the least. */
  let leastInWindow = 0;
  /** What the stranger spent in the windows before, the older the less it counts; null: not known. */
  let remembered: Evidence | null = null;
  /** How long an answer takes at the most. */
  let slowestMs = 0;
  /** Requests before that are of another count. */
  let startedAt = Number.NEGATIVE_INFINITY;
  let unevenness = createUnevenness();
  /** What was known a while ago, and a while before that. */
  let lately: Known[] = [];
  /** Nothing was missing of the first window, and it was said to last for all of its length still. */
  let isFresh = false;
  const history = createSentHistory();

  function observe(reading: RateReading, request: ObservedRequest): void {
    if (request.sentAt < startedAt || (last !== null && request.sentAt < last.sentAt)) return;
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
    const move = server.moveOf(point, last, { quota, windowMs, noise: noiseRequests() + point.onTheWay });
    // It may have arrived in the window before.
    if (move === "old") return;
    const isFirst = move === "resets" || move === "unclear" || (move === "slides" && server.kind() !== "sliding");
    const kindBefore = server.kind();
    if (isFirst) remember();
    server.follow(point, move, windowMs);
    if (isFirst) {
      if (server.kind() !== kindBefore) unevenness = createUnevenness();
      isFresh = false;
      begin(point);
      if (move !== "slides") countFromReset(point);
    } else if (first === null) {
      begin(point);
      isFresh = beganWithUs(point, resetMs);
      countFromStart(point, resetMs);
    }
    last = point;
    bounds.addMost(point.sentAt, mostSpentBy(point));
    unconfirmed ??= point;
    lookForAnother(point);
    lookAtUnevenness(point);
    history.add(point, windowMs);
  }

  function begin(point: Point): void {
    unevenness.begin();
    first = point;
    bounds = createSpentBounds(windowMs);
    clearest = Number.POSITIVE_INFINITY;
    unconfirmed = null;
    lately = [];
  }

  function restart(at: number): void {
    remember();
    startedAt = at;
    unconfirmed = null;
    first = null;
    last = null;
    history.clear();
    server.forget();
  }

  /** Nothing is missing but what we sent, and the window seems no older than that. */
  function beganWithUs(point: Point, resetMs: number | null): boolean {
    const missing = quota - point.remaining - point.used;
    if (resetMs === null || missing > Math.max(point.onTheWay, noiseRequests())) return false;
    return resetMs >= windowMs || (point.used > point.flying && resetMs >= (1 - SHORTEST_LOOK_SHARE) * windowMs);
  }

  /** When the window began, nothing was missing. What the budget counts of ours may have been sent before, or not. */
  function countFromStart(point: Point, resetMs: number | null): void {
    if (resetMs === null || windowMs > configuredWindowMs) return;
    const sentBefore = point.answered + point.flying - point.used;
    countFromFull(point.endsBefore - windowMs, sentBefore, isFresh ? sentBefore : point.answered);
  }

  function countFromReset(point: Point): void {
    if (point.endsBefore === Number.POSITIVE_INFINITY) return;
    const start = server.resetBefore() - windowMs;
    const sentBefore = history.sentBefore(server.resetAfter() - windowMs - slowestMs);
    if (sentBefore !== null) countFromFull(start, sentBefore, Math.max(sentBefore, point.number - 1));
  }

  /** So many of ours, at the least and at the most, were sent before the window began. */
  function countFromFull(start: number, leastSent: number, mostSent: number): void {
    bounds.countFrom({ at: start, least: -quota - mostSent, most: -quota - leastSent });
  }

  /** What is left and what all of us have sent: less by what somebody else spent. This one was counted, and what was answered. */
  const mostSpentBy = (point: Point): number => -point.remaining - point.answered - 1;

  function confirm({ number, used }: Given, askedAt: number): boolean {
    if (unconfirmed === null || unconfirmed.heardAt > askedAt) return false;
    const point = unconfirmed;
    unconfirmed = null;
    const least = -point.remaining - number;
    if (server.kind() === "sliding") {
      const start = history.sentBefore(point.sentAt - windowMs - slowestMs);
      const ours = windowMs > configuredWindowMs ? Number.POSITIVE_INFINITY : used;
      leastInWindow = Math.max(0, quota - point.remaining - Math.min(ours, start === null ? ours : number - start));
    }
    const most = mostSpentBy(point);
    if (most - least < clearest / 2) {
      clearest = most - least;
      bounds.countFrom({ at: point.heardAt, least, most });
    }
    bounds.addLeast(point.heardAt, least);
    return true;
  }

  /** Where what was seen lately is no chance, it is another stranger than before, or none: what is known begins there. */
  function lookForAnother(point: Point): void {
    if (server.kind() === "sliding" || first === null) return;
    const leastMs = LATELY_SHARE * windowMs;
    const now: Known = { mark: bounds.now(), seen: bounds.most() };
    const [since, next] = lately;
    if (since === undefined || point.sentAt - since.mark.at >= 2 * leastMs) lately = [next ?? now, now];
    else if (next === undefined && point.sentAt - since.mark.at >= leastMs) lately = [since, now];
    const { mark, seen: known } = lately[0]!;
    if (known.ms < leastMs || point.sentAt - mark.at < leastMs) return;
    const ms = now.mark.at - mark.at;
    const expected = (known.requests / known.ms) * ms;
    const seen = { least: now.mark.least - mark.most, most: now.mark.most - mark.least };
    if (!isSurprise(seen, expected, expected * (1 + ms / known.ms))) return;
    begin(point);
    bounds.countFrom(mark);
    bounds.addMost(now.mark.at, now.mark.most);
    bounds.addLeast(now.mark.at, now.mark.least);
    remembered = null;
    unevenness = createUnevenness();
  }

  function lookAtUnevenness(point: Point): void {
    if (point.onTheWay > FEW_ON_THE_WAY) return;
    const rate = strangerRate();
    // As many as come, others of his leave a sliding window.
    if (server.kind() === "sliding") unevenness.add(theirsInWindow(point), point.sentAt, 0, 2 * rate);
    else unevenness.add(-point.remaining - point.number, point.sentAt, rate, rate);
  }

  /** What is known of the stranger, and nothing that he has given the lie to by now. */
  function evidence(): Evidence {
    const seen = bounds.most();
    if (remembered === null || isAnother(seen)) return seen;
    return { requests: seen.requests + remembered.requests, ms: seen.ms + remembered.ms };
  }

  /** What was seen of this window is no chance where the one that is remembered goes on. */
  function isAnother(seen: Evidence): boolean {
    if (remembered === null || seen.ms <= SHORTEST_LOOK_SHARE * windowMs) return false;
    const expected = (remembered.requests / remembered.ms) * seen.ms;
    return isSurprise({ least: bounds.least().requests, most: seen.requests }, expected, expected);
  }

  /** Between these bounds is nothing that chance makes of what was expected. To take him for gone is dearer than to see him come. */
  function isSurprise(seen: Pick<Mark, "least" | "most">, expected: number, variance: number): boolean {
    const chance = mostByChance(variance);
    return seen.least > expected + chance || seen.most < expected - 2 * chance;
  }

  const mostByChance = (variance: number) => SURPRISE * Math.sqrt(variance) + noiseRequests();

  /** That nobody came does not say that nobody comes now: the less there was, the less it counts. */
  function remember(): void {
    if (first === null) return;
    const seen = evidence();
    if (seen.ms <= 0 || !isCertain()) {
      remembered = null;
      return;
    }
    const ms = Math.min(seen.ms, MEMORY_WINDOWS * windowMs);
    const rate = seen.requests / seen.ms;
    const weight = Math.min(1, (4 * rate * windowMs) / quota);
    remembered = { requests: rate * ms * weight, ms: Math.max(1, ms * weight) };
  }

  /**
   * Nobody was seen for certain: how likely it is that somebody comes all the same, who was as likely as not, and to come as often as
   * any. And where the window seems to have begun with our first request, that it did: it slides, rather, and was empty.
   */
  function likelihood(seen: Evidence): number {
    if (isCertain()) return 1;
    const most = (quota * seen.ms) / windowMs;
    const unseen = most > 0 ? Math.min(1, (seen.requests + 1) / most) : 1;
    return (unseen / (1 + unseen)) * (isFresh && server.kind() === "unknown" ? BEGUN_BY_CHANCE : 1);
  }

  function isCertain(): boolean {
    if (server.kind() === "sliding") return leastInWindow > noiseRequests();
    return bounds.least().requests > noiseRequests() || (rememberedRate() > 0 && !isAnother(bounds.most()));
  }

  function isNobody(): boolean {
    const { requests, ms } = bounds.most();
    return !isCertain() && requests <= noiseRequests() && ms >= LATELY_SHARE * windowMs;
  }

  function leastRate(): number {
    const { requests, ms } = bounds.least();
    return Math.max(0, requests - 2 * Math.sqrt(requests)) / Math.max(ms, SHORTEST_LOOK_SHARE * windowMs);
  }

  /** Of the stranger's, the sliding window holds so many at the least. */
  function theirsInWindow(point: Point): number {
    const start = history.sentAfter(point.sentAt - windowMs);
    return Math.max(0, quota - point.remaining - (start === null ? point.used : point.number - start));
  }

  function driftOf(point: Point, theirs: number): number {
    const ms = first === null ? 0 : point.sentAt - first.sentAt;
    return ms <= 0 ? 0 : Math.max(0, bounds.least().requests - mostByChance((2 * theirs * ms) / windowMs)) / ms;
  }

  /** Requests a millisecond that somebody else spends. */
  function strangerRate(): number {
    if (windowMs < SHORTEST_FOLLOWED_MS || !isCertain()) return 0;
    const most = quota / windowMs;
    if (first === null || last === null) return rememberedRate();
    if (server.kind() === "sliding") {
      const sentBefore = history.numberAt(last.sentAt - windowMs);
      const ours = sentBefore === null ? last.used : last.number - sentBefore;
      const rate = Math.min(most, Math.max(0, quota - last.remaining - ours) / windowMs);
      return sentBefore === null ? Math.max(rate, rememberedRate()) : rate;
    }
    const known = evidence();
    return Math.min(most, known.requests / Math.max(known.ms, SHORTEST_LOOK_SHARE * windowMs));
  }

  function rememberedRate(): number {
    return remembered === null ? 0 : remembered.requests / remembered.ms;
  }

  const noiseRequests = () => Math.max(NOISE_REQUESTS, quota * NOISE_SHARE);

  return {
    observe,
    restart,
    confirm,
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
    leastRate,
    rate: strangerRate,
    isNobody,
    inWindow: theirsInWindow,
    drift: driftOf,
    noise: noiseRequests,
  };
}
