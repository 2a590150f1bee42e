import { createBudget, type Budget } from "../../src/registry/budget.ts";
import { createMemoryBudgetState } from "../../src/registry/memory-budget.ts";
import { parseRate } from "../../src/registry/rate.ts";

/** A budget of one process, e.g. `1140/5m`. */
export function budgetOf(rate: string): Budget {
  return createBudget({ state: createMemoryBudgetState(), key: "token", ...parseRate(rate) });
}
