import { addCarryOutFlags, type CarryOutFlags, readCarryOutFlags } from "../carry-out-flags.ts";
import { defineUsage } from "../usage.ts";

export const undoUsage = defineUsage({
  usage: "undo [run]",
  summary: "put back the values from before a run, where nobody changed them since",
  examples: [["bulkpatch undo brave-otter", "shows what would be put back, asks, and does it as a run of its own"]],
  options: addCarryOutFlags,
  needsApi: true,
  read: ([id], flags: CarryOutFlags, asking) => ({ id, how: readCarryOutFlags(flags, asking) }),
});
