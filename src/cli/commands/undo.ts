import { makeUndoPlan } from "../../plan/undo-plan.ts";
import { assertAccount, findRun } from "../../runs/control.ts";
import { DEFAULT_RUN_OPTIONS } from "../../runs/run.ts";
import { countOf } from "../../wording.ts";
import { addCarryOutFlags, carryOut, type CarryOutFlags } from "../carry-out.ts";
import { makeCommand } from "../command.ts";

export const undoCommand = makeCommand<CarryOutFlags>({
  usage: "undo [run]",
  summary: "put back the values from before a run, where nobody changed them since",
  examples: [["bulkpatch undo brave-otter", "shows what would be put back, asks, and does it as a run of its own"]],
  options: addCarryOutFlags,
  needsApi: true,
  run: async ([id], call) =>
    await carryOut(call, async ({ session: { backend }, registry, signal }) => {
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
    }),
});
