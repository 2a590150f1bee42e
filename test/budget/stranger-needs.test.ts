import { expect, test } from "vitest";
import { seededRandom } from "../../src/demo/random.ts";
import { mostUntilReset } from "../../src/budget/stranger-needs.ts";

const WINDOW_MS = 300_000;
const SURE = { windowMs: WINDOW_MS, leftAlone: 1200, unevenness: 1, likely: 1 };

/** How many come by chance, `mean` on average. */
function byChance(mean: number, next: () => number): number {
  let count = -1;
  for (let sum = 0; sum < mean; count++) sum -= Math.log(1 - next());
  return count;
}

test.each([30_000, 90_000, 240_000])("keeps enough for one who comes by chance, %i ms into his window", (seenMs) => {
  const { next } = seededRandom(3);
  let short = 0;
  for (let world = 0; world < 4000; world++) {
    const perMs = 0.003;
    const seen = byChance(perMs * seenMs, next);
    const rest = byChance(perMs * (WINDOW_MS - seenMs), next);
    const most = mostUntilReset({ ...SURE, seen: { requests: seen, ms: seenMs }, ms: WINDOW_MS - seenMs });
    if (rest > most && seen + rest <= 1200) short += 1;
  }
  expect(short).toBeLessThanOrEqual(4);
});

const kept = (seenMs: number, ms: number, unevenness: number): number =>
  mostUntilReset({ ...SURE, unevenness, seen: { requests: seenMs * 0.002, ms: seenMs }, ms });

test("keeps less the more is known, the less time is left, and the more evenly he comes", () => {
  expect(kept(200_000, 100_000, 1)).toBeLessThan(kept(50_000, 100_000, 1));
  expect(kept(200_000, 50_000, 1)).toBeLessThan(kept(200_000, 100_000, 1));
  expect(kept(200_000, 100_000, 0.1)).toBeLessThan(kept(200_000, 100_000, 1));
  expect(kept(200_000, 100_000, 0.1)).toBeGreaterThan(200);
});
