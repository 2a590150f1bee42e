import { renderBudget } from "../../budget/budget-view.ts";
import { makeCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { hasRejects } from "../../runs/outcome.ts";
import { planDocument } from "../../plan/plan-document.ts";
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
import { planWriterFor } from "../plan-writer.ts";
import { openLightSession, registryOf } from "../session.ts";
import { showPlan } from "../show-plan.ts";

interface PlanFlags extends ReadFlags, LintFlags {
  out?: string;
  force?: boolean;
  expectNoChanges?: boolean;
  all?: boolean;
}

export const planCommand = makeCommand<PlanFlags>({
  usage: "plan <file>",
  summary: "what a run would do; changes nothing",
  examples: [
    ["bulkpatch plan changes.csv", "the numbers and the first rows as old → new"],
    ["bulkpatch plan changes.csv --json", "every row, for a script"],
    [
      "bulkpatch plan changes.csv --out plan.json",
      "a plan to approve: `bulkpatch run --plan plan.json` does exactly that",
    ],
    ["bulkpatch plan changes.csv --out plan.xlsx", "every row's verdict, for a colleague to look over"],
    ["bulkpatch plan hr.csv --expect-no-changes", "is the registry as the list says? (exit code 5 where it is not)"],
  ],
  options: (command) =>
    addLintFlags(addReadFlags(command))
      .option("--all", "show every row, not only the first of each kind")
      .option("--out <file>", "write the plan: .json to run it later, .xlsx or .csv to look it over")
      .option("--force", "replace the file of --out")
      .option("--expect-no-changes", "end with 5 when there is anything to update"),
  needsApi: true,
  run: async ([path], { flags, config, terminal }) => {
    const read = readOptionsOf(flags);
    const lint = lintOptionsOf(flags);
    const writer = flags.out === undefined ? null : await planWriterFor(flags.out, flags.force === true);
    const session = await openLightSession(config, terminal);
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
        const budget = await registry.budget.look();
        if (terminal.json) {
          terminal.printJson({ ...(await planDocument(plan, source.name)), budget: renderBudget(budget, Date.now()) });
        } else {
          await showPlan(plan, source.name, budget, terminal, {
            all: flags.all === true,
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
        if (flags.expectNoChanges && plan.summary.update > 0) return EXIT.different;
        return hasRejects(plan.summary.outcomes) ? EXIT.doneWithRejects : EXIT.done;
      } finally {
        await plan.close();
      }
    } finally {
      await session.close();
    }
  },
});
