import { makeCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { hasRejects } from "../../runs/outcome.ts";
import { planSource } from "../../plan/plan-source.ts";
import { showPlanProgress } from "../plan-progress.ts";
import {
  addLintFlags,
  addReadFlags,
  type LintFlags,
  lintOptionsOf,
  type ReadFlags,
  readOptionsOf,
} from "../read-flags.ts";
import { registryOf, openSession } from "../session.ts";
import { planDocument, showPlan } from "../show-plan.ts";

export const planCommand = makeCommand<ReadFlags & LintFlags>({
  usage: "plan <file>",
  summary: "what a run would do; changes nothing",
  examples: [
    ["bulkpatch plan changes.csv", "the numbers and the first rows as old → new"],
    ["bulkpatch plan changes.csv --json > plan.json", "every row, for a script"],
  ],
  options: (command) => addLintFlags(addReadFlags(command)),
  needsApi: true,
  run: async ([path], { flags, config, terminal }) => {
    const read = readOptionsOf(flags);
    const lint = lintOptionsOf(flags);
    const session = await openSession(config, terminal);
    try {
      const registry = registryOf(session);
      const { plan, source } = await planSource({
        path: path!,
        read,
        lint,
        registry,
        stdin: process.stdin,
        onProgress: showPlanProgress(terminal),
        noPlan: false,
        checkAgain: false,
      });
      try {
        if (terminal.json) terminal.printJson(await planDocument(plan, source.name));
        else await showPlan(plan, source.name, registry.budget.ratePerSecond(), terminal);
        return hasRejects(plan.summary.outcomes) ? EXIT.doneWithRejects : EXIT.done;
      } finally {
        await plan.close();
      }
    } finally {
      await session.close();
    }
  },
});
