import { expect, it } from "vitest";
import { type BudgetView, viewBudget } from "../../src/budget/budget-view.ts";
import { exchange, newRecord } from "../../src/budget/ledger.ts";
import { answeredPerSecond, timeLeft } from "../../src/budget/time-left.ts";
import { askFor } from "./ask-for.ts";

const SECOND = 1_000;
const NOW = 1_800_000_000_000;
const RULE = { limit: 1_140, windowMs: 300 * SECOND, fastMs: 10, evenMs: 264 };

/** How the budget looks `restMs` after so many requests, one every so many milliseconds, each answered after a second. */
function viewAfter({
  requests,
  everyMs,
  restMs = 0,
  more,
}: {
  requests: number;
  everyMs: number;
  restMs?: number;
  /** After these. */
  more?: { requests: number; everyMs: number };
}): BudgetView {
  const record = newRecord();
  const ask = askFor({ want: 1, rules: [RULE.limit, RULE.windowMs], evenMs: 0.001 });
  let at = NOW;
  for (const phase of [{ requests, everyMs }, ...(more ? [more] : [])]) {
    for (let i = 0; i < phase.requests; i++, at += phase.everyMs) {
      const { stamp, granted } = exchange(record, at, ask);
      expect(granted).toBe(1);
      exchange(record, at + SECOND, { ...ask, want: 0, settled: [stamp, 0, 1] });
    }
  }
  return viewBudget({ record, now: at + SECOND + restMs }, RULE);
}

it("goes by how fast answers come, where the budget would allow more", () => {
  const view = viewAfter({ requests: 80, everyMs: 250 });
  expect(answeredPerSecond(view)).toBeCloseTo(4, 0);
  expect(timeLeft(100, view) / SECOND).toBeGreaterThan(20);
  expect(timeLeft(100, view) / SECOND).toBeLessThan(32);
});

it("remembers the pace of before a wait, and does not take the wait for slowness", () => {
  const view = viewAfter({ requests: 200, everyMs: 50, restMs: 120 * SECOND });
  expect(answeredPerSecond(view)).toBeGreaterThan(15);
});

it("promises the budget's own pace while too little was sent to tell", () => {
  const view = viewAfter({ requests: 3, everyMs: 100 });
  expect(answeredPerSecond(view)).toBeNull();
  expect(timeLeft(100, view)).toBe(SECOND);
});

it("does not take it for slow answers that next to nothing was left to send", () => {
  const view = viewAfter({ requests: 1_110, everyMs: 10, more: { requests: 6, everyMs: 4 * SECOND } });
  expect(answeredPerSecond(view)).toBeGreaterThan(50);
});
