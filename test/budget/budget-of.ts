import { createBudget, type Budget } from "../../src/budget/budget.ts";
import { createMemoryBudgetState } from "./memory-budget.ts";
import { parseRate } from "../../src/rate.ts";

/** A budget of one process, e.g. `1140/5m`. */
export function budgetOf(rate: string): Budget {
  return createBudget({ state: createMemoryBudgetState(), key: "token", ...parseRate(rate) });
}
