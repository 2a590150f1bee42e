/*
 * How things are compared: in turn, so that what else the machine does falls on all alike; the first turn warms up and is not
 * counted; of the rest, the median.
 */

export interface Turns<Name extends string> {
  /** The median of each. */
  median: Record<Name, number>;
  /** The median of how often the one holds the other, turn by turn. */
  ratio(one: Name, other: Name): number;
}

/** Calls each way once a turn, every other turn in the opposite order, and once more before the first. */
export async function takeTurns<Name extends string>(
  turns: number,
  ways: Record<Name, () => number | Promise<number>>,
): Promise<Turns<Name>> {
  const names = Object.keys(ways) as Name[];
  const taken = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let turn = 0; turn <= turns; turn += 1) {
    for (const name of turn % 2 === 0 ? names : names.toReversed()) {
      const value = await ways[name]();
      if (turn > 0) taken[name].push(value);
    }
  }
  return {
    median: Object.fromEntries(names.map((name) => [name, median(taken[name])])) as Record<Name, number>,
    ratio: (one, other) => median(taken[one].map((value, turn) => value / taken[other][turn]!)),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1]! + sorted[middle]!) / 2 : sorted[Math.floor(middle)]!;
}

/** Milliseconds that the work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
