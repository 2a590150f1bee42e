import { expect, test } from "vitest";
import { createSpentBounds } from "../../src/budget/spent-bounds.ts";

const WINDOW_MS = 300_000;

function countFromZero() {
  const bounds = createSpentBounds(WINDOW_MS);
  bounds.countFrom({ at: 0, least: 0, most: 0 });
  return bounds;
}

test("a moment at which little is on the way tells of all that was unclear before", () => {
  const bounds = countFromZero();
  for (let second = 1; second <= 20; second += 1) bounds.addMost(1000 * second, 24);
  expect(bounds.most()).toEqual({ requests: 24, ms: 20_000 });
  bounds.addMost(21_000, 1);
  expect(bounds.most()).toEqual({ requests: 1, ms: 21_000 });
  bounds.addMost(22_000, 20);
  expect(bounds.most()).toEqual({ requests: 1, ms: 21_000 });
});

test("of somebody who comes, no less is seen in the end than he spent", () => {
  const bounds = countFromZero();
  for (let second = 1; second <= 300; second += 1) {
    const spent = 2 * second;
    bounds.addMost(1000 * second, spent + (second % 10));
    bounds.addLeast(1000 * second, spent - (second % 7));
  }
  const most = bounds.most();
  expect(most.requests).toBeGreaterThanOrEqual((2 * most.ms) / 1000);
  expect(most.requests).toBeLessThanOrEqual((2 * most.ms) / 1000 + 10);
  const least = bounds.least();
  expect(least.requests).toBeLessThanOrEqual((2 * least.ms) / 1000);
  expect(least.requests).toBeGreaterThan(590);
});

test("counts from where less was unclear, once there is such a moment", () => {
  const bounds = createSpentBounds(WINDOW_MS);
  bounds.countFrom({ at: 0, least: -30, most: 0 });
  bounds.addMost(10_000, 0);
  expect(bounds.most()).toEqual({ requests: 30, ms: 10_000 });
  bounds.countFrom({ at: 10_000, least: 0, most: 1 });
  bounds.addMost(20_000, 1);
  expect(bounds.most()).toEqual({ requests: 1, ms: 10_000 });
});

test("nothing is certain of somebody who was not there", () => {
  const bounds = countFromZero();
  expect(bounds.least()).toEqual({ requests: 0, ms: 0 });
  bounds.addLeast(1000, -20);
  expect(bounds.least()).toEqual({ requests: 0, ms: 0 });
});
