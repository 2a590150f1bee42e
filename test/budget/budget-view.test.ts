import { expect, test } from "vitest";
import { renderBudget, timeFor, viewBudget } from "../../src/budget/budget-view.ts";
import { close, exchange, newRecord } from "../../src/budget/ledger.ts";
import { askFor } from "./ask-for.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const NOW = 1_800_000_000_000;
const RULE = { limit: 1140, windowMs: 5 * MINUTE, fastMs: 10, evenMs: 264 };

const FAST = { knows: 1, fastUpTo: 1e9, fastForMs: MINUTE, slowMs: 0, slowForMs: 0, strangerRate: null };

function spent(requests: number) {
  const record = newRecord();
  const { stamp } = exchange(record, NOW, askFor({ want: requests, advice: FAST }));
  exchange(record, NOW, askFor({ settled: [stamp, 0, requests] }));
  return record;
}

test("is whole where nobody asked yet", () => {
  const view = viewBudget(null, RULE);
  expect(view).toMatchObject({ limit: 1140, used: 0, left: 1140, closedForMs: 0, reason: null, perSecond: 100 });
  expect(timeFor(1_000, view)).toEqual({ ms: 10 * SECOND, atOnce: 1_000, later: null });
});

test("tells what counts, and when it will not any more", () => {
  const view = viewBudget({ record: spent(240), now: NOW + MINUTE }, RULE);
  expect(view).toMatchObject({ used: 240, left: 900, reason: null });
  expect(view.frees).toEqual([{ inMs: expect.closeTo(4 * MINUTE, -4), requests: 240 }]);
  const needed = timeFor(1_200, view);
  expect(needed).toMatchObject({ atOnce: 900, later: { requests: 300, inMs: expect.closeTo(4 * MINUTE, -4) } });
  // 240 when the old ones fall out, and the last 60 a window after the first of the 900.
  expect(needed.ms / MINUTE).toBeCloseTo(5, 0);
});

test("takes a window for each limit's worth", () => {
  const view = viewBudget(null, RULE);
  expect(timeFor(1_140, view).ms / SECOND).toBeCloseTo(11.4, 0);
  expect(timeFor(1_141, view).ms / MINUTE).toBeCloseTo(5.2, 0);
  expect(timeFor(5_000, view).ms / MINUTE).toBeCloseTo(20.1, 0);
});

test("works out a million requests in a moment", () => {
  const before = process.cpuUsage();
  expect(timeFor(1_000_000, viewBudget({ record: spent(700), now: NOW }, RULE)).ms / (5 * MINUTE)).toBeCloseTo(877, -1);
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
});

test("says until when it is closed, and why", () => {
  const record = spent(10);
  close(record, NOW, 4 * MINUTE, "throttled");
  const view = viewBudget({ record, now: NOW + MINUTE }, RULE);
  expect(view).toMatchObject({ closedForMs: 3 * MINUTE, reason: "throttled" });
  expect(timeFor(1, view).ms).toBeGreaterThanOrEqual(3 * MINUTE);
  expect(renderBudget(view, Date.UTC(2030, 0, 1))).toEqual({
    limit: 1140,
    window_seconds: 300,
    used: 10,
    left: 1130,
    closed_until: "2030-01-01T00:03:00.000Z",
    reason: "throttled",
  });
  const later = viewBudget({ record, now: NOW + 10 * MINUTE }, RULE);
  expect(later).toMatchObject({ closedForMs: 0, reason: "careful", perSecond: 1000 / 264 });
});

test("counts only what a stranger leaves", () => {
  const record = spent(10);
  const advice = { ...FAST, fastUpTo: 310, slowMs: 900, slowForMs: 10 * MINUTE, strangerRate: 0.002 };
  exchange(record, NOW, askFor({ advice }));
  expect(viewBudget({ record, now: NOW }, RULE)).toMatchObject({ left: 300, reason: "shared", perSecond: 100 });
});

test("is not fooled by a clock that stepped back", () => {
  expect(viewBudget({ record: spent(240), now: NOW - 24 * 60 * MINUTE }, RULE)).toMatchObject({ used: 240, left: 900 });
});

test("without a limit so many requests take what each of them takes, in one step", () => {
  const view = { ...viewBudget(null, { limit: 1_000_000, windowMs: SECOND, fastMs: 0, evenMs: 0 }), perSecond: 30 };
  // Step by step it would come to a little more or less.
  expect(timeFor(1_000_000, view).ms).toBe(1_000_000 / 0.03);
});
