import { assertAccount, findRun } from "../../runs/control.ts";
import { type Outcome, OUTCOMES } from "../../runs/outcome.ts";
import { makeRetryPlan } from "../../plan/retry-plan.ts";
import type { RetryFilter } from "../../runs/retry-run.ts";
import { addCarryOutFlags, carryOut, type CarryOutFlags } from "../carry-out.ts";
import { makeCommand, UsageError } from "../command.ts";
import { countOf } from "../../wording.ts";

interface RetryFlags extends CarryOutFlags {
  only?: string;
}

export const retryCommand = makeCommand<RetryFlags>({
  usage: "retry [run]",
  summary: "the failed rows again, as a new run",
  examples: [
    ["bulkpatch retry brave-otter", "every row that failed"],
    ["bulkpatch retry brave-otter --only rejected_by_api,10203", "rows that the API refused with code 10203"],
  ],
  options: (command) =>
    addCarryOutFlags(command).option("--only <list>", "outcomes and API codes, separated by commas (default: failed)"),
  needsApi: true,
  run: async ([id], call) => {
    const filter = parseFilter(call.flags.only);
    return await carryOut(call, async ({ session: { backend }, registry, signal }) => {
      const before = await findRun(backend, id);
      assertAccount(before, registry.api.accountId);
      const plan = await makeRetryPlan({ backend, run: before, filter, registry, now: Date.now(), signal });
      const { name, header, read } = before.source;
      return {
        plan,
        wanted: { source: { name, path: null, header, read }, options: before.options, retryOf: before.id },
        question: `Try ${countOf(plan.summary.update, "row")} of run ${before.id} again?`,
      };
    });
  },
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
