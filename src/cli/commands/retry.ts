import { assertAccount, findRun } from "../../runs/control.ts";
import { makeRetryPlan } from "../../plan/retry-plan.ts";
import { retryName } from "../../runs/retry-run.ts";
import { carryOut } from "../carry-out.ts";
import { countOf } from "../../wording.ts";
import type { retryUsage } from "../usage/retry.ts";
import type { Work } from "../usage.ts";

export const doRetry: Work<typeof retryUsage> = async ({ id, filter, name: wantedName, how }, call) => {
  return await carryOut(how, call, async ({ session, registry, signal }) => {
    const { backend } = await session();
    const before = await findRun(backend, id);
    assertAccount(before, registry.api.accountId);
    const plan = await makeRetryPlan({ backend, run: before, filter, registry, now: Date.now(), signal });
    const { header, read } = before.source;
    const name = wantedName ?? retryName(before, filter);
    return {
      plan,
      wanted: { source: { name, path: null, header, read }, options: before.options, retryOf: before.id },
      question: `Try ${countOf(plan.summary.update, "row")} of run ${before.id} again?`,
    };
  });
};
