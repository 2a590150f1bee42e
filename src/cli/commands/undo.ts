import { makeUndoPlan } from "../../plan/undo-plan.ts";
import { assertAccount, findRun } from "../../runs/control.ts";
import { DEFAULT_RUN_OPTIONS } from "../../runs/run.ts";
import { countOf } from "../../wording.ts";
import { carryOut } from "../carry-out.ts";
import type { undoUsage } from "../usage/undo.ts";
import type { Work } from "../usage.ts";

export const doUndo: Work<typeof undoUsage> = async ({ id, how }, call) => {
  return await carryOut(how, call, async ({ session, registry, signal }) => {
    const { backend } = await session();
    const before = await findRun(backend, id);
    assertAccount(before, registry.api.accountId);
    const plan = await makeUndoPlan({
      run: before,
      rows: () => backend.rows.all(before.id),
      registry,
      now: Date.now(),
      signal,
    });
    const source = { name: `undo of ${before.id}`, path: null, header: before.source.header, read: {} };
    return {
      plan,
      wanted: { source, options: DEFAULT_RUN_OPTIONS, retryOf: null },
      question: `Put back the values of ${countOf(plan.summary.update, "entry", "entries")}?`,
    };
  });
};
