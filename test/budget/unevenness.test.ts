import { expect, test } from "vitest";
import { seededRandom } from "../../src/demo/random.ts";
import { createUnevenness } from "../../src/budget/unevenness.ts";

const PER_MS = 0.002;

function lookAt(seenBy: (at: number) => number): number {
  const unevenness = createUnevenness();
  for (let at = 0; at <= 100_000; at += 2_000) unevenness.add(seenBy(at), at, PER_MS, PER_MS);
  return unevenness.atMost();
}

test("tells one who comes evenly from one who comes by chance", () => {
  const { next } = seededRandom(5);
  const arrivals: number[] = [];
  for (let at = 0; at < 100_000;) arrivals.push((at -= Math.log(1 - next()) / PER_MS));
  expect(lookAt((at) => Math.floor(at * PER_MS))).toBeLessThan(0.1);
  expect(lookAt((at) => arrivals.filter((one) => one <= at).length)).toBe(1);
});

test("says nothing before it has looked a few times", () => {
  const unevenness = createUnevenness();
  for (let at = 0; at <= 8_000; at += 2_000) unevenness.add(at * PER_MS, at, PER_MS, PER_MS);
  expect(unevenness.isKnown()).toBe(false);
  expect(unevenness.atMost()).toBe(1);
});
