import { expect, test } from "vitest";
import { viewBudget, type BudgetView } from "../../src/budget/budget-view.ts";
import { renderTimeNeeded } from "../../src/cli/budget-text.ts";

const WHOLE = viewBudget(null, { limit: 1_140, windowMs: 300_000, fastMs: 10, evenMs: 263 });
const PART: BudgetView = { ...WHOLE, used: 240, left: 900, frees: [{ inMs: 240_000, requests: 240 }] };

test.each<[string, number, BudgetView, string]>([
  ["what fits", 1_000, WHOLE, "in about 10 s; 1,140 of 1,140 requests are left in this window"],
  ["what does not", 1_200, PART, "in about 5 min 2 s; 900 at once, then 300 more from 4 min on"],
  [
    "a 429",
    10,
    { ...WHOLE, closedForMs: 120_000, reason: "throttled" },
    "in about 2 min; nothing is sent for 2 min, since Cloudflare answered 429",
  ],
  [
    "the hour after it",
    10,
    { ...WHOLE, reason: "careful", perSecond: 4 },
    "in about 3 s; evenly spaced for an hour after a 429; 1,140 of 1,140 requests are left in this window",
  ],
  [
    "a stranger",
    400,
    { ...PART, left: 500, reason: "shared" },
    "in about 4 s; somebody else spends from the same limit; 500 of 1,140 requests are left in this window",
  ],
  [
    "no limit",
    5_000,
    viewBudget(null, { limit: 1e6, windowMs: 1_000, fastMs: 0.001, evenMs: 0.001 }),
    "in less than a second",
  ],
])("tells the time for %s", (_name, requests, budget, text) => {
  expect(renderTimeNeeded(requests, budget, { answerMs: null, atATime: 8 })).toBe(text);
});

test.each<[string, number, number, number, string]>([
  ["slow answers, a few at a time", 600, 400, 8, "in about 30 s; 8 at a time, an answer takes 0.4 s; 1,140 of 1,140"],
  ["more at a time than the budget allows", 600, 400, 64, "in about 6 s; 1,140 of 1,140"],
  ["quick answers", 600, 20, 8, "in about 6 s; 1,140 of 1,140"],
  ["slow answers of a few", 2, 400, 8, "in less than a second; 1,140 of 1,140"],
  ["more than one window, which is what takes the time", 1_200, 100, 8, "in about 5 min"],
])("takes no less time than answers do: %s", (_name, requests, answerMs, atATime, text) => {
  expect(renderTimeNeeded(requests, WHOLE, { answerMs, atATime })).toContain(text);
});
