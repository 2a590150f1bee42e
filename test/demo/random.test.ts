import { expect, test } from "vitest";
import { seededRandom } from "../../src/demo/random.ts";

function draw(seed: number): unknown[] {
  const random = seededRandom(seed);
  return [random.next(), random.int(1, 6), random.uuid(), random.shuffle([1, 2, 3, 4, 5])];
}

test("gives the same numbers for the same seed, and others for another", () => {
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test("gives whole numbers evenly, both ends included", () => {
  const random = seededRandom(3);
  const counts = Array.from({ length: 4 }, () => 0);
  for (let i = 0; i < 10_000; i++) counts[random.int(0, 3)]!++;
  for (const count of counts) expect(count).toBeGreaterThan(2300);
});

test("gives version 4 UUIDs", () => {
  const random = seededRandom(11);
  const ids = Array.from({ length: 1000 }, () => random.uuid());
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(1000);
});

test("refuses to pick from nothing", () => {
  expect(() => seededRandom(1).pick([])).toThrow("Can't pick from an empty list.");
});
