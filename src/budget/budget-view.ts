import { CLOSED_CODES } from "./exchange.ts";
import { countedIn, TERMS, type BudgetRecord } from "./ledger.ts";

/** The budget as all processes share it, at one moment. */
export interface BudgetView {
  /** Requests in a window. */
  limit: number;
  windowMs: number;
  /** Requests that count now. */
  used: number;
  /** Requests that may be made in this window still, as far as is known. */
  left: number;
  /** From now until it opens; 0: open. */
  closedForMs: number;
  /**
   * Why it is closed or slower than it could be: `throttled`: the API answered 429. `used_up`: the API says that nothing is left.
   * `careful`: a 429 within the last hour. `shared`: somebody else spends from it. Null: nothing of all that.
   */
  reason: "throttled" | "used_up" | "careful" | "shared" | null;
  /** How fast requests may follow each other while there are any left. */
  perSecond: number;
  /** When what counts now will not count any more: from now, and how many. In the order of time. */
  frees: { inMs: number; requests: number }[];
}

export interface ViewedRule {
  limit: number;
  windowMs: number;
  /** Between requests at the fast pace, and at the even one; milliseconds. */
  fastMs: number;
  evenMs: number;
}

/** Where nobody asked yet, the record is null. */
export function viewBudget(look: { record: BudgetRecord; now: number } | null, rule: ViewedRule): BudgetView {
  const { limit, windowMs, fastMs, evenMs } = rule;
  const whole = { limit, windowMs, used: 0, left: limit, closedForMs: 0, reason: null, frees: [] };
  if (look === null) return { ...whole, perSecond: 1000 / fastMs };
  const { record } = look;
  // What lies further ahead than it can is mended by the next request.
  const now = Math.max(look.now, record.seenAt);
  const frees = countedIn(record, now, windowMs);
  const used = frees.reduce((sum, { requests }) => sum + requests, 0);
  const closedForMs = Math.max(0, record.closedUntil - now);
  const isCareful = record.carefulUntil > now;
  const isShared = record.slowUntil > now && record.slowMs > 0 && record.strangerUntil > now && record.strangerRate > 0;
  const advised = record.fastUntil > now ? record.fastUpTo - record.number : Number.POSITIVE_INFINITY;
  return {
    limit,
    windowMs,
    used,
    left: Math.max(0, Math.floor(Math.min(limit - used, isShared ? advised : Number.POSITIVE_INFINITY))),
    closedForMs,
    reason:
      closedForMs > 0
        ? record.closedReason === CLOSED_CODES.throttled
          ? "throttled"
          : "used_up"
        : isCareful
          ? "careful"
          : isShared
            ? "shared"
            : null,
    perSecond: 1000 / (isCareful ? Math.max(evenMs, record.slowUntil > now ? record.slowMs : 0) : fastMs),
    frees,
  };
}

/** `budget` in JSON documents. `now` is the reader's own clock, in epoch milliseconds: only what is shown is worked out from it. */
export function renderBudget(view: BudgetView, now: number): Record<string, unknown> {
  const { limit, windowMs, used, left, closedForMs, reason } = view;
  return {
    limit,
    window_seconds: windowMs / 1000,
    used,
    left,
    closed_until: closedForMs > 0 ? new Date(now + closedForMs).toISOString() : null,
    reason,
  };
}

/** How long so many requests take, and what there is to say about it. */
export interface TimeNeeded {
  ms: number;
  /** Requests that find room in the window as it is. */
  atOnce: number;
  /** The others, and when the first of them can go. Null: there are none. */
  later: { requests: number; inMs: number } | null;
}

/**
 * Works out from what is left, and from when more will be, how long so many requests take, if nobody else spends and each is
 * answered as fast as it is sent.
 */
export function timeFor(requests: number, view: BudgetView): TimeNeeded {
  const perMs = view.perSecond / 1000;
  const frees = view.frees.map(({ inMs, requests: count }) => ({ at: inMs, count }));
  let next = 0;
  let at = view.closedForMs;
  let room = view.left;
  let toSend = requests;
  let thenAt: number | null = null;
  while (toSend > 0) {
    for (; next < frees.length && frees[next]!.at <= at; next++) room += frees[next]!.count;
    room = Math.min(room, view.limit);
    if (room >= toSend) {
      at += toSend / perMs;
      break;
    }
    if (room < 1) {
      at = frees[next]?.at ?? at + view.windowMs;
      if (next >= frees.length) room = view.limit;
      thenAt ??= at;
      continue;
    }
    // What goes together falls out together, so no more than a bucket of time.
    const stepMs = Math.min((frees[next]?.at ?? Number.POSITIVE_INFINITY) - at, view.windowMs / TERMS.buckets);
    const sent = Math.min(toSend, room, Math.max(1, Math.floor(stepMs * perMs)));
    at += sent / perMs;
    room -= sent;
    toSend -= sent;
    frees.push({ at: at + view.windowMs, count: sent });
  }
  const atOnce = Math.min(requests, view.left);
  return {
    ms: at,
    atOnce,
    later: atOnce < requests && thenAt !== null ? { requests: requests - atOnce, inMs: thenAt } : null,
  };
}
