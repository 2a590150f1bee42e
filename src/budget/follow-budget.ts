import type { BudgetView } from "./budget-view.ts";

const LOOK_EVERY_MS = 1_000;

/**
 * For who shows the budget again and again: answers how it stood at the last look, and looks again where that was more than a
 * second ago. Null until the first look is answered; while the backend is away, what was seen last.
 */
export function followBudget(
  budget: { look(): Promise<BudgetView | null> },
  now: () => number = () => performance.now(),
): () => BudgetView | null {
  let seen: BudgetView | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (now() - lookedAt >= LOOK_EVERY_MS) {
      lookedAt = now();
      budget.look().then(
        (view) => (seen = view),
        () => {},
      );
    }
    return seen;
  };
}
