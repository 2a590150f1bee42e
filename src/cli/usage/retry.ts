import { type Outcome, OUTCOMES } from "../../runs/outcome.ts";
import type { RetryFilter } from "../../runs/retry-run.ts";
import { addCarryOutFlags, type CarryOutFlags, readCarryOutFlags } from "../carry-out-flags.ts";
import { defineUsage } from "../usage.ts";
import { UsageError } from "../usage-error.ts";
interface RetryFlags extends CarryOutFlags {
  only?: string;
  name?: string;
}

export const retryUsage = defineUsage({
  usage: "retry [run]",
  summary: "the failed rows again, as a new run",
  examples: [
    ["bulkpatch retry brave-otter", "every row that failed"],
    ["bulkpatch retry brave-otter --only rejected_by_api,10203", "rows that the API refused with code 10203"],
  ],
  options: (command) =>
    addCarryOutFlags(command)
      .option("--only <list>", "outcomes and API codes, separated by commas (default: failed)")
      .option("--name <name>", "of the new run (default: retry of …)"),
  needsApi: true,
  read: ([id], { only, name, ...flags }: RetryFlags, asking) => ({
    id,
    filter: parseFilter(only),
    name,
    how: readCarryOutFlags(flags, asking),
  }),
});

function parseFilter(only: string | undefined): RetryFilter {
  const words = (only ?? "failed").split(",").map((word) => word.trim());
  const apiCodes = words.filter((word) => /^\d+$/.test(word)).map(Number);
  const outcomes = words.filter((word): word is Outcome => (OUTCOMES as readonly string[]).includes(word));
  const unknown = words.filter((word) => !/^\d+$/.test(word) && !(OUTCOMES as readonly string[]).includes(word));
  if (unknown.length > 0) {
    throw new UsageError(
      `--only: expected outcomes or API codes, found "${unknown.join(", ")}"`,
      `outcomes are ${OUTCOMES.join(", ")}`,
    );
  }
  return { outcomes: outcomes.length > 0 ? outcomes : ["failed", "rejected_by_api"], apiCodes };
}
