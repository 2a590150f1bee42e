import { followBudget } from "../budget/follow-budget.ts";
import type { Registry } from "../registry/open-registry.ts";
import { renderWait } from "./budget-text.ts";
import type { Terminal } from "./terminal.ts";

const LOOK_EVERY_MS = 1_000;

/**
 * The registry, whose urgent clients (for which somebody waits) tell on the line that is redrawn why nothing comes: no answer, an
 * error that is tried again, a closed budget.
 */
export function tellWaits(registry: Registry, terminal: Terminal): Registry {
  return {
    ...registry,
    connect: (onRequest, options = {}) => {
      if (!options.urgent || !terminal.isLive) return registry.connect(onRequest, options);
      const budgetNow = followBudget(registry.budget);
      const client = registry.connect((info) => {
        onRequest?.(info);
        if (info.status === null) terminal.redraw(`no answer from ${registry.api.baseUrl}; trying again`);
        else if (info.status >= 500) terminal.redraw(`the API answers with an error (${info.status}); trying again`);
      }, options);
      const timer = setInterval(() => {
        const budget = budgetNow();
        const wait = budget && renderWait(budget);
        if (wait !== null) terminal.redraw(wait);
      }, LOOK_EVERY_MS);
      return {
        ...client,
        close: async () => {
          clearInterval(timer);
          await client.close();
        },
      };
    },
  };
}
