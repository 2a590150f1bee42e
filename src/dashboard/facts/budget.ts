import type { BudgetView } from "../../budget/budget-view.ts";
import type { Desk } from "../desk.ts";

/** The token's request budget as all processes share it, at this moment. */
export interface BudgetFact {
  /** All that is known of it, to work out times from. */
  view: BudgetView;
  /** Requests in a window, as configured. */
  limit: number;
  windowSeconds: number;
  /** Requests that count now, and that may be made in this window still. */
  used: number;
  left: number;
  /** Requests that all processes together may make in a second now. */
  perSecond: number;
  /** When none of the requests that count now will count, epoch milliseconds; null: none does. */
  allFreeAt: number | null;
  /** Epoch milliseconds; null while it is open. */
  closedUntil: number | null;
  /** Why it is closed, or slower than it could be (budget-view.ts). */
  reason: "throttled" | "used_up" | "careful" | "shared" | null;
}

/** Asks the backend, and not the API. */
export async function lookAtBudget({ registry, now }: Pick<Desk, "registry" | "now">): Promise<BudgetFact> {
  const view = await registry.budget.look();
  const { limit, windowMs, used, left, perSecond, closedForMs, reason, frees } = view;
  const at = now();
  const last = frees.at(-1);
  return {
    view,
    limit,
    windowSeconds: windowMs / 1_000,
    used,
    left,
    perSecond,
    reason,
    allFreeAt: last === undefined ? null : at + last.inMs,
    closedUntil: closedForMs > 0 ? at + closedForMs : null,
  };
}
