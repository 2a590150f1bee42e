import type { Rate } from "../rate.ts";
import type { RateReading } from "./rate-headers.ts";

/** The configured limit, and those that the server says itself where they are stricter. */
export interface Policies {
  /** What is believed of the readings: a window beyond all sense is not. */
  hear(readings: readonly RateReading[]): RateReading[];
  /** Limit and window of each rule for the ledger, one after the other; the configured one first. */
  rules(): readonly number[];
  /** Between requests that are spread evenly over the strictest window, milliseconds. */
  evenMs(): number;
  /** Between two requests at the least, for limits of windows that are too short for the ledger. */
  shortestMs(): number;
  /** The longest window that is known of, milliseconds. */
  windowMs(): number;
}

/** The share of the server's own quota that is used where the configured limit is higher: the rest is for the dashboard. */
const QUOTA_SHARE = 0.95;
/** A window that is a smaller share of the longest one falls between the ledger's buckets. */
const SHORTEST_SHARE = 0.05;
/** A server's window that is longer than this, and than the configured one, is not believed. */
const LONGEST_BELIEVED_MS = 3600_000;
/** A policy is believed when so many answers said it in a row: one answer may be odd. */
const ANSWERS = 2;

export function createPolicies({ limit, windowMs }: Rate): Policies {
  const heard = new Map<string, Rate & { times: number }>();
  let rules = [limit, windowMs];
  let evenMs = windowMs / limit;
  let shortestMs = 0;
  let longestMs = windowMs;

  /** Where the configured limit is kept, this one is, too. */
  function isImplied(theirs: Rate): boolean {
    return theirs.windowMs <= windowMs ? theirs.limit >= limit : theirs.limit / theirs.windowMs >= limit / windowMs;
  }

  function resolve(): void {
    const believed = [...heard.values()].filter(({ times }) => times >= ANSWERS);
    longestMs = Math.max(windowMs, ...believed.map((one) => one.windowMs));
    rules = [limit, windowMs];
    evenMs = windowMs / limit;
    shortestMs = 0;
    for (const policy of believed) {
      if (isImplied(policy)) continue;
      const used = Math.max(1, Math.floor(policy.limit * QUOTA_SHARE));
      if (policy.windowMs < longestMs * SHORTEST_SHARE) shortestMs = Math.max(shortestMs, policy.windowMs / used);
      else rules.push(used, policy.windowMs);
      evenMs = Math.max(evenMs, policy.windowMs / used);
    }
  }

  return {
    hear(readings) {
      let isNew = false;
      const believed = readings.map((reading) =>
        (reading.windowSeconds ?? 0) * 1000 > Math.max(LONGEST_BELIEVED_MS, windowMs)
          ? { ...reading, quota: null, windowSeconds: null }
          : reading,
      );
      for (const { name, quota, windowSeconds } of believed) {
        if (quota === null || windowSeconds === null) continue;
        const before = heard.get(name);
        const isSame = before?.limit === quota && before.windowMs === windowSeconds * 1000;
        const times = isSame ? before.times + 1 : 1;
        heard.set(name, { limit: quota, windowMs: windowSeconds * 1000, times });
        isNew ||= times <= ANSWERS;
      }
      if (isNew) resolve();
      return believed;
    },
    rules: () => rules,
    evenMs: () => evenMs,
    shortestMs: () => shortestMs,
    windowMs: () => longestMs,
  };
}
