import { renderBudget } from "../../budget/budget-view.ts";
import { EXIT } from "../exit-codes.ts";
import { hasRejects } from "../../runs/outcome.ts";
import { planDocument } from "../../plan/plan-document.ts";
import { planSource } from "../../plan/plan-source.ts";
import { showPlanProgress } from "../plan-progress.ts";
import { planWriterFor } from "../plan-writer.ts";
import { openLightSession, registryOf } from "../session.ts";
import { showPlan, speedOf } from "../show-plan.ts";
import type { planUsage } from "../usage/plan.ts";
import type { Work } from "../usage.ts";

export const doPlan: Work<typeof planUsage> = async (
  { path, read, lint, out, all, expectNoChanges },
  { config, terminal },
) => {
  const writer = out === null ? null : await planWriterFor(out);
  const session = await openLightSession(config, terminal);
  try {
    const registry = await registryOf(session);
    const { plan, source } = await planSource({
      path,
      read,
      lint,
      registry,
      stdin: process.stdin,
      onProgress: showPlanProgress(terminal),
      noPlan: false,
      checkAgain: false,
    });
    try {
      const budget = await registry.budget.look();
      if (terminal.json) {
        terminal.printJson({ ...(await planDocument(plan, source.name)), budget: renderBudget(budget, Date.now()) });
      } else {
        await showPlan(plan, source.name, speedOf(registry, budget, config), terminal, {
          all,
          header: source.header,
          seeAll: "the same command and --all",
        });
      }
      if (writer !== null) {
        await writer.write(plan, {
          accountId: registry.api.accountId,
          sourceName: source.name,
          header: source.header,
          lint,
          by: session.by,
          now: Date.now(),
        });
        terminal.note(
          writer.runs
            ? `Wrote ${writer.path}, digest ${plan.digest}. Do exactly that with: bulkpatch run --plan ${writer.path}`
            : `Wrote ${writer.path}`,
        );
      }
      if (expectNoChanges && plan.summary.update > 0) return EXIT.different;
      return hasRejects(plan.summary.outcomes) ? EXIT.doneWithRejects : EXIT.done;
    } finally {
      await plan.close();
    }
  } finally {
    await session.close();
  }
};
