import { type BudgetAnswer, type BudgetAsk, CLOSED_CODES, type ClosedReason } from "./exchange.ts";

/*
 * The arithmetic of the shared budget. Redis and PostgreSQL do the same in their own languages; this is the reference.
 *
 * A request counts from its permit until a window after its answer was heard: the server counted it somewhere between, so
 * no window of the server's holds more than one of ours, whatever happens on the way. What was answered is kept in buckets
 * of time, so memory and cost don't grow with the limit; a bucket falls out when its last moment does.
 */

/** Times in milliseconds of the datastore's clock, and of what is added to it where it has stepped. */
export interface BudgetRecord {
  /** The latest time that was seen: a clock that shows less has stepped back. */
  seenAt: number;
  /** Added to what the clock shows: what it stepped back, less what it stepped forward. */
  shiftMs: number;
  /** The longest window of those who asked. */
  windowMs: number;
  number: number;
  /** The next permit that goes fast, and the next at the even pace. */
  nextFast: number;
  nextEven: number;
  fastUpTo: number;
  fastUntil: number;
  slowMs: number;
  slowUntil: number;
  adviser: number;
  /** 1: it has followed the headers long enough, else so large a share of that. */
  adviserKnows: number;
  /** -1: not known. */
  strangerRate: number;
  strangerUntil: number;
  closedUntil: number;
  /** One of CLOSED_CODES; 0: it was never closed. */
  closedReason: number;
  /** Evenly spaced until then. */
  carefulUntil: number;
  /** 1: the next permit is given alone. */
  probe: number;
  /** Somebody urgent waits; the others stand back until then. */
  urgentUntil: number;
  /** Start of a bucket and count, one after the other, in the order of time. */
  answered: number[];
  flying: number[];
}

const SECOND = 1000;

export const TERMS = {
  /** Buckets in a window. */
  buckets: 250,
  /**
   * A request has arrived so long after its permit, or never will: it leaves with its connection, which is made within ten
   * seconds. What a process that died had on its way counts so much longer.
   */
  flightMs: 15 * SECOND,
  /** Of each limit, kept for urgent requests. It is given to the others little by little until the ledger has room again. */
  keptShare: 0.02,
  /** So many of it are kept to the end, unless there is room again so soon. */
  keptLeast: 3,
  keptSoonMs: 2 * SECOND,
  /** Permits that may go fast are given together when they were not taken up for so long. */
  fastToleranceMs: 200,
  /** A smaller step back of the clock is taken for a clock that stands still. */
  clockSlackMs: SECOND,
  /** A smaller step forward is taken for a question that was long on its way, or a process whose clock runs slower. */
  aheadSlackMs: 5 * SECOND,
  /** After a 429. */
  carefulMs: 3600 * SECOND,
  /** Between the request that looks whether a 429 is over, and the next. */
  probeMs: SECOND,
  /** The others stand back for somebody urgent for so long after he asked. */
  urgentMs: SECOND / 2,
  longestUrgentMs: 3 * SECOND,
  /** Nobody asks again sooner. */
  shortestRetryMs: 20,
  /** Whoever waits for a slower pace than the even one asks again so soon: it may be over. */
  askAgainMs: SECOND,
  /** What is known of a stranger holds so long. */
  strangerMs: 3600 * SECOND,
} as const;

export function newRecord(): BudgetRecord {
  return {
    seenAt: 0,
    shiftMs: 0,
    windowMs: 0,
    number: 0,
    nextFast: 0,
    nextEven: 0,
    fastUpTo: 0,
    fastUntil: 0,
    slowMs: 0,
    slowUntil: 0,
    adviser: 0,
    adviserKnows: 0,
    strangerRate: -1,
    strangerUntil: 0,
    closedUntil: 0,
    closedReason: 0,
    carefulUntil: 0,
    probe: 0,
    urgentUntil: 0,
    answered: [],
    flying: [],
  };
}

/** Changes the record and answers. */
export function exchange(record: BudgetRecord, clock: number, ask: BudgetAsk): BudgetAnswer {
  const mendedMs = mendClock(record, clock, ask);
  const now = (record.seenAt = Math.max(record.seenAt, clock + record.shiftMs));
  const longest = Math.max(...ask.rules.filter((_, i) => i % 2 === 1));
  const isEmpty = record.answered.length === 0 && record.flying.length === 0;
  record.windowMs = isEmpty ? longest : Math.max(record.windowMs, longest);
  const width = record.windowMs / TERMS.buckets;

  for (let i = 0; i < ask.returned.length; i += 2) {
    record.number -= takeOut(record.flying, ask.returned[i]!, ask.returned[i + 1]!);
  }
  for (let i = 0; i < ask.settled.length; i += 3) {
    const count = ask.settled[i + 2]!;
    takeOut(record.flying, ask.settled[i]!, count);
    putIn(record.answered, startOf(now - ask.settled[i + 1]!, width), count);
  }
  record.answered = stillCounted(record.answered, now - width - record.windowMs);
  record.flying = stillCounted(record.flying, now - width - record.windowMs - TERMS.flightMs);
  heedAdvice(record, now, ask);

  let room = Number.POSITIVE_INFINITY;
  let roomInMs = 0;
  let used = 0;
  for (let i = 0; i < ask.rules.length; i += 2) {
    const rule = measure(record, now, width, ask.rules[i]!, ask.rules[i + 1]!, ask.urgent);
    if (i === 0) used = rule.used;
    room = Math.min(room, rule.room);
    roomInMs = Math.max(roomInMs, rule.roomInMs);
  }

  // Slowed down only for ourselves, a few urgent requests find room in what is kept for them.
  const heedsSlow = !ask.urgent || (record.strangerUntil > now && record.strangerRate > 0);
  const slowMs = Math.max(ask.evenMs, record.slowUntil > now ? record.slowMs : 0);
  const paceMs = heedsSlow ? slowMs : ask.evenMs;
  const nextEven = record.nextEven - (slowMs - paceMs);
  const isOpen = record.closedUntil <= now;
  const standsBack = !ask.urgent && record.urgentUntil > now;
  let granted = 0;
  if (ask.want > 0 && isOpen && !standsBack && room > 0) {
    const most = Math.min(ask.want, record.probe === 1 ? 1 : room);
    let fast = Math.min(most, fastLeft(record, now, ask));
    if (fast > 0) fast = Math.min(fast, due(record.nextFast, now, ask.fastMs, TERMS.fastToleranceMs));
    if (fast > 0) record.nextFast = Math.max(record.nextFast, now - TERMS.fastToleranceMs) + fast * ask.fastMs;
    const even = Math.min(most - fast, due(nextEven, now, paceMs, ask.toleranceMs));
    if (even > 0) record.nextEven = Math.max(nextEven, now - ask.toleranceMs) + even * paceMs + (slowMs - paceMs);
    granted = fast + even;
  }
  if (granted > 0) {
    if (record.probe === 1) {
      record.probe = 0;
      record.nextEven = now + Math.max(paceMs, TERMS.probeMs);
    }
    record.number += granted;
    putIn(record.flying, startOf(now, width), granted);
  }
  let retryInMs = 0;
  if (granted < ask.want) {
    const nextOne = record.nextEven - (slowMs - paceMs);
    const next = fastLeft(record, now, ask) > 0 ? Math.min(record.nextFast, nextOne) : nextOne;
    retryInMs = Math.max(
      TERMS.shortestRetryMs,
      Math.min(next - now, Math.max(ask.evenMs, TERMS.askAgainMs)),
      record.closedUntil - now,
      room > granted ? 0 : roomInMs,
      standsBack ? record.urgentUntil - now : 0,
    );
  }
  if (ask.urgent && isOpen) {
    record.urgentUntil = granted < ask.want ? now + Math.min(retryInMs, TERMS.longestUrgentMs) + TERMS.urgentMs : 0;
  }
  return {
    granted,
    stamp: startOf(now, width),
    number: record.number,
    flying: countOf(record.flying),
    used: used + granted,
    retryInMs,
    closedForMs: Math.max(0, record.closedUntil - now),
    paceMs,
    strangerRate: record.strangerUntil > now && record.strangerRate >= 0 ? record.strangerRate : null,
    mendedMs,
    now,
  };
}

/** Changes the record. */
export function close(record: BudgetRecord, clock: number, forMs: number, reason: ClosedReason): void {
  mendClock(record, clock, NOTHING_HEARD);
  const now = (record.seenAt = Math.max(record.seenAt, clock + record.shiftMs));
  if (now + forMs >= record.closedUntil) {
    record.closedUntil = now + forMs;
    record.closedReason = CLOSED_CODES[reason];
  }
  record.fastUntil = now;
  if (reason === "throttled") {
    record.carefulUntil = now + TERMS.carefulMs;
    record.probe = 1;
  }
}

const NOTHING_HEARD = { heardAt: 0, sinceMs: 0 };

/**
 * Where the clock has stepped, the budget's time goes on as if it had not. Back, it shows less than before; forward, more than
 * can have passed for who asks, or was seen by another meanwhile. Answers by how far back; less than 0: forward.
 */
function mendClock(
  record: BudgetRecord,
  clock: number,
  { heardAt, sinceMs }: Pick<BudgetAsk, "heardAt" | "sinceMs">,
): number {
  const shown = clock + record.shiftMs;
  let backMs = Math.max(0, record.seenAt - shown);
  if (backMs <= TERMS.clockSlackMs) backMs = 0;
  if (heardAt > 0 && record.seenAt > 0) {
    const aheadMs = shown - Math.max(record.seenAt, heardAt + sinceMs);
    if (aheadMs > TERMS.aheadSlackMs + sinceMs / 1000) backMs = -aheadMs;
  }
  record.shiftMs += backMs;
  return backMs;
}

/** One process leads, so that those who see less of a window don't undo what it found out; a slower pace is taken from all. */
function heedAdvice(record: BudgetRecord, now: number, { advice, adviser, evenMs }: BudgetAsk): void {
  if (advice === null) return;
  const leads = advice.knows >= record.adviserKnows || record.adviser === adviser || record.fastUntil <= now;
  if (leads) {
    record.adviser = adviser;
    record.adviserKnows = advice.knows;
    record.fastUpTo = advice.fastUpTo;
    record.fastUntil = now + advice.fastForMs;
  }
  if (leads || advice.slowMs > (record.slowUntil > now ? record.slowMs : 0)) {
    record.slowMs = advice.slowMs;
    record.slowUntil = now + advice.slowForMs;
    // Where it was slower, nobody waits for that any more.
    record.nextEven = Math.min(record.nextEven, now + Math.max(evenMs, advice.slowMs));
  }
  if (advice.strangerRate !== null) {
    record.strangerRate = advice.strangerRate;
    record.strangerUntil = now + TERMS.strangerMs;
  }
}

interface Measured {
  used: number;
  /** Permits that may be given now. */
  room: number;
  /** When the next one may be given because something falls out. */
  roomInMs: number;
}

function measure(
  record: BudgetRecord,
  now: number,
  width: number,
  limit: number,
  windowMs: number,
  urgent: boolean,
): Measured {
  const { answered, flying } = record;
  const counts = now - width - windowMs;
  let used = 0;
  for (let i = 0; i < answered.length; i += 2) if (answered[i]! > counts) used += answered[i + 1]!;
  for (let i = 0; i < flying.length; i += 2) if (flying[i]! > counts - TERMS.flightMs) used += flying[i + 1]!;
  const fallOut = (count: number): number => {
    let sum = 0;
    for (let i = 0; i < answered.length; i += 2) {
      if (answered[i]! <= counts) continue;
      sum += answered[i + 1]!;
      if (sum >= count) return answered[i]! - counts;
    }
    return windowMs;
  };
  const kept = urgent ? 0 : Math.floor(limit * TERMS.keptShare);
  const reliefMs = fallOut(kept);
  const keptNow = Math.max(
    Math.ceil(kept * Math.min(1, reliefMs / windowMs)),
    reliefMs > TERMS.keptSoonMs ? Math.min(kept, TERMS.keptLeast) : 0,
  );
  const room = limit - used - keptNow;
  // Never asleep for long: permits are returned, and what is kept gets less.
  return { used, room, roomInMs: Math.min(room > 0 ? 0 : fallOut(1 - room), windowMs / 100) };
}

function fastLeft(record: BudgetRecord, now: number, { fastMs }: BudgetAsk): number {
  if (fastMs === 0 || record.carefulUntil > now || record.fastUntil <= now) return 0;
  return Math.max(0, Math.floor(record.fastUpTo - record.number));
}

/** Permits that are due by now where the next one is due then and the others follow at this distance. */
function due(next: number, now: number, everyMs: number, toleranceMs: number): number {
  const first = Math.max(next, now - toleranceMs);
  return first > now ? 0 : Math.floor((now - first) / everyMs) + 1;
}

function startOf(time: number, width: number): number {
  return Math.floor(time / width) * width;
}

/** Answers how many were there. */
function takeOut(list: number[], stamp: number, count: number): number {
  const at = indexOf(list, stamp);
  if (list[at] !== stamp) return 0;
  const taken = Math.min(count, list[at + 1]!);
  if (taken === list[at + 1]) list.splice(at, 2);
  else list[at + 1]! -= taken;
  return taken;
}

function putIn(list: number[], stamp: number, count: number): void {
  const at = indexOf(list, stamp);
  if (list[at] === stamp) list[at + 1]! += count;
  else list.splice(at, 0, stamp, count);
}

/** Of the first entry that is not before it. */
function indexOf(list: readonly number[], stamp: number): number {
  let at = list.length;
  while (at > 0 && list[at - 2]! >= stamp) at -= 2;
  return at;
}

function stillCounted(list: number[], after: number): number[] {
  let at = 0;
  while (at < list.length && list[at]! <= after) at += 2;
  return at === 0 ? list : list.slice(at);
}

/** What counts in a window of this length: from now until it falls out, and how many. In the order of time. */
export function countedIn(record: BudgetRecord, now: number, windowMs: number): { inMs: number; requests: number }[] {
  const width = record.windowMs / TERMS.buckets;
  const counts = now - width - windowMs;
  const counted: { inMs: number; requests: number }[] = [];
  const add = (list: readonly number[], longerMs: number): void => {
    for (let i = 0; i < list.length; i += 2) {
      const inMs = list[i]! + longerMs - counts;
      if (inMs > 0) counted.push({ inMs, requests: list[i + 1]! });
    }
  };
  add(record.answered, 0);
  add(record.flying, TERMS.flightMs);
  return counted.toSorted((a, b) => a.inMs - b.inMs);
}

function countOf(list: readonly number[]): number {
  let sum = 0;
  for (let i = 1; i < list.length; i += 2) sum += list[i]!;
  return sum;
}
