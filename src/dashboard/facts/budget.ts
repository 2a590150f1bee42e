import type { Desk } from "../desk.ts";

/** The token's request budget as all processes share it, at this moment. */
export interface BudgetFact {
  /** Requests in a window, as configured. */
  limit: number;
  windowSeconds: number;
  /** Requests that count now, and that may be made in this window still. */
  used: number;
  left: number;
  /** Requests that all processes together may make in a second now. */
  perSecond: number;
  /** Epoch milliseconds; null while it is open. */
  closedUntil: number | null;
  /** Why it is closed, or slower than it could be (budget-view.ts). */
  reason: "throttled" | "used_up" | "careful" | "shared" | null;
}

export async function lookAtBudget({ registry, now }: Pick<Desk, "registry" | "now">): Promise<BudgetFact> {
  const { limit, windowMs, used, left, perSecond, closedForMs, reason } = await registry.budget.look();
  return {
    limit,
    windowSeconds: windowMs / 1_000,
    used,
    left,
    perSecond,
    reason,
    closedUntil: closedForMs > 0 ? now() + closedForMs : null,
  };
}
