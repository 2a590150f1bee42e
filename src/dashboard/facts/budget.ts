import { budgetKey } from "../../budget/budget.ts";
import type { Desk } from "../desk.ts";

/** The token's request budget as all processes share it, at this moment. */
export interface BudgetFact {
  /** Requests in a window, as configured. */
  limit: number;
  windowSeconds: number;
  /** Requests that all processes together may make in a second now. */
  perSecond: number;
  /** Epoch milliseconds; null while it is open. */
  closedUntil: number | null;
  /** Somebody else spends from it, so that we send more slowly. */
  isShared: boolean;
}

export async function lookAtBudget({ backend, registry, rate, now }: Desk): Promise<BudgetFact> {
  const { token, accountId } = registry.api;
  const { closedForMs, slowIntervalMs } = await backend.budget.look(budgetKey(token.reveal(), accountId));
  return {
    limit: rate.limit,
    windowSeconds: rate.windowMs / 1_000,
    perSecond: registry.budget.ratePerSecond(),
    closedUntil: closedForMs > 0 ? now() + closedForMs : null,
    isShared: slowIntervalMs > 0,
  };
}
