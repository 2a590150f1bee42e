import { expect, test } from "vitest";
import { createRequestLimit, renderRateHeaders, type LimitSettings } from "../../src/demo/request-limit.ts";

const FIXED: LimitSettings = { requests: 3, windowMs: 1000, window: "fixed", blockMs: 5000, retryAfter: true };
const SLIDING: LimitSettings = { ...FIXED, window: "sliding" };

function arriveAt(settings: LimitSettings, times: number[], strangerPerSecond = 0): boolean[] {
  const limit = createRequestLimit(settings, 0);
  limit.setStranger(strangerPerSecond, 0);
  return times.map((time) => limit.arrive(time).allowed);
}

test("a fixed window counts anew when it ends", () => {
  expect(arriveAt(FIXED, [100, 200, 300, 1000, 1100, 1200])).toEqual([true, true, true, true, true, true]);
});

test("one request too many blocks every call until the block is over", () => {
  expect(arriveAt(FIXED, [1, 2, 3, 4, 1500, 5003, 5004, 5005])).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    true,
    true,
  ]);
});

test("a sliding window never holds more than the limit", () => {
  expect(arriveAt(SLIDING, [0, 900, 950, 1000, 1001])).toEqual([true, true, true, true, false]);
});

test("a stranger spends from the same limit, and can be the one who goes over it", () => {
  const limit = createRequestLimit({ ...FIXED, requests: 10 }, 0);
  limit.setStranger(10, 0);
  expect(limit.arrive(450)).toEqual({ allowed: true, remaining: 5, resetMs: 550 });
  expect(limit.strangerRequests()).toBe(4);
  for (let i = 0; i < 5; i++) limit.arrive(460);
  expect(limit.arrive(501).allowed).toBe(false);
  expect(limit.blockedForMs(501)).toBe(4999);
});

test("tells what is left in whole seconds, rounded up", () => {
  const limit = createRequestLimit(FIXED, 0);
  limit.arrive(1);
  expect(renderRateHeaders(FIXED, limit.arrive(400))).toEqual({
    ratelimit: '"default";r=1;t=1',
    "ratelimit-policy": '"default";q=3;w=1',
  });
});
