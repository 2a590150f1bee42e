import { lookAtBudget } from "../facts/budget.ts";
import { apiRoute } from "../route.ts";
import { BudgetView, viewBudget } from "../views.ts";

export const getBudget = apiRoute({
  method: "GET",
  path: "/api/v1/budget",
  right: "viewer",
  summary: "The token's request budget, as all processes share it",
  answer: BudgetView,
  handle: async ({ desk }) => viewBudget(await lookAtBudget(desk)),
});
