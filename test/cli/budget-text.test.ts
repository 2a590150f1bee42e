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
  expect(renderTimeNeeded(requests, budget)).toBe(text);
});
