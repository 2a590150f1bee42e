import type { BudgetAsk } from "../../src/budget/exchange.ts";

/** A question of a process that has no news, for no permit at all, of a budget of 1,140 in five minutes that may be spent fast. */
export function askFor(more: Partial<BudgetAsk> = {}): BudgetAsk {
  return {
    want: 0,
    urgent: false,
    rules: [1_140, 300_000],
    fastMs: 0.001,
    evenMs: 264,
    toleranceMs: 1_000,
    settled: [],
    returned: [],
    adviser: 1,
    heardAt: 0,
    sinceMs: 0,
    advice: null,
    ...more,
  };
}
