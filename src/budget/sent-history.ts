/** When it was sent, and how many requests all processes together had sent by then. */
export interface SentPoint {
  sentAt: number;
  number: number;
}

/** How many requests were sent by when, over the last window. Keeps some 250 points of it. */
export interface SentHistory {
  /** Points come in the order of time; numbers go back where permits were not used. */
  add(point: SentPoint, windowMs: number): void;
  /** Requests sent by then; null for a time before the first that is remembered. */
  numberAt(time: number): number | null;
  /** At least so many were sent by then, and at the most so many; null as above. */
  sentBefore(time: number): number | null;
  sentAfter(time: number): number | null;
  /** When the oldest that is remembered is a window old. */
  endOfOldest(windowMs: number): number;
  clear(): void;
}

const POINTS = 250;

export function createSentHistory(): SentHistory {
  let points: SentPoint[] = [];

  function firstAfter(time: number): number {
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (points[middle]!.sentAt > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  return {
    add(point, windowMs) {
      const [before, newest] = points.slice(-2);
      // The newest point moves along until it is far enough from the one before it.
      if (before !== undefined && newest !== undefined && newest.sentAt - before.sentAt < windowMs / POINTS)
        points.pop();
      points.push({ sentAt: point.sentAt, number: Math.max(point.number, points.at(-1)?.number ?? 0) });
      while (points.length > 2 && points[1]!.sentAt <= point.sentAt - windowMs) points.shift();
    },
    numberAt(time) {
      const at = firstAfter(time);
      const before = points[at - 1];
      if (before === undefined) return null;
      const after = points[at] ?? before;
      const span = after.sentAt - before.sentAt;
      return span <= 0
        ? before.number
        : before.number + ((after.number - before.number) * (time - before.sentAt)) / span;
    },
    sentBefore: (time) => points[firstAfter(time) - 1]?.number ?? null,
    sentAfter(time) {
      const at = firstAfter(time);
      return at === 0 ? null : (points[at] ?? points[at - 1]!).number;
    },
    endOfOldest: (windowMs) => (points[0]?.sentAt ?? 0) + windowMs,
    clear() {
      points = [];
    },
  };
}
