import { outFileOf, type OutFlags } from "../out-file.ts";
import {
  addLintFlags,
  addReadFlags,
  type LintFlags,
  lintOptionsOf,
  type ReadFlags,
  readOptionsOf,
} from "../read-flags.ts";
import { defineUsage } from "../usage.ts";

interface PlanFlags extends ReadFlags, LintFlags, OutFlags {
  expectNoChanges?: boolean;
  all?: boolean;
}

export const planUsage = defineUsage({
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
    addReadFlags(
      addLintFlags(
        command
          .option("--all", "show every row, not only the first of each kind")
          .option("--out <file>", "write the plan: .json to run it later, .xlsx or .csv to look it over")
          .option("--force", "replace the file of --out")
          .option("--expect-no-changes", "end with 5 when there is anything to update"),
      ),
    ),
  needsApi: true,
  read: ([path], flags: PlanFlags) => ({
    path: path!,
    read: readOptionsOf(flags),
    lint: lintOptionsOf(flags),
    out: outFileOf(flags, ["json", "xlsx", "csv"], "plan.json"),
    all: flags.all === true,
    expectNoChanges: flags.expectNoChanges === true,
  }),
});
