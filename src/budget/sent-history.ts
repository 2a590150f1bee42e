/** When it was sent, and how many requests all processes together had sent by then. */
export interface SentPoint {
  sentAt: number;
  number: number;
}

/** How many requests were sent by when, over the last window. Keeps some fifty points of it. */
export interface SentHistory {
  /** Points come in the order of their numbers. */
  add(point: SentPoint, windowMs: number): void;
  /** Requests sent by then; null for a time before the first that is remembered. */
  numberAt(time: number): number | null;
  /** When the oldest that is remembered is a window old. */
  endOfOldest(windowMs: number): number;
  clear(): void;
}

export function createSentHistory(): SentHistory {
  let points: SentPoint[] = [];

  return {
    add(point, windowMs) {
      const [before, newest] = points.slice(-2);
      // The newest point moves along until it is far enough from the one before it.
      if (before !== undefined && newest !== undefined && newest.sentAt - before.sentAt < windowMs / 50) points.pop();
      points.push({ sentAt: point.sentAt, number: point.number });
      while (points.length > 2 && points[1]!.sentAt <= point.sentAt - windowMs) points.shift();
    },
    numberAt(time) {
      const next = points.findIndex((point) => point.sentAt > time);
      const before = points.at(next === -1 ? -1 : next - 1);
      if (next === 0 || before === undefined) return null;
      const after = next === -1 ? before : points[next]!;
      const span = after.sentAt - before.sentAt;
      return span <= 0
        ? before.number
        : before.number + ((after.number - before.number) * (time - before.sentAt)) / span;
    },
    endOfOldest: (windowMs) => (points[0]?.sentAt ?? 0) + windowMs,
    clear() {
      points = [];
    },
  };
}
