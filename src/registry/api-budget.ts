import type { BudgetState } from "../budget/budget-state.ts";
import { type Budget, budgetKey, createBudget } from "../budget/budget.ts";
import type { ApiSettings } from "../config.ts";
import type { Pace, Rate } from "../rate.ts";

/**
 * The budget of a token, which its every client spends from. `state`: where the processes share it. `onMended` is told when its
 * clock had stepped back, by how many milliseconds.
 */
export function openApiBudget(
  api: ApiSettings,
  rate: Rate,
  state: BudgetState,
  pace: Pace = "fast",
  onMended?: (backMs: number) => void,
): Budget {
  return createBudget({ state, key: budgetKey(api.token.reveal(), api.accountId), ...rate, pace, onMended });
}
