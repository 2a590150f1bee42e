import { defineUsage } from "../usage.ts";

export const verifyUsage = defineUsage({
  usage: "verify [run]",
  summary: "do the entries still show what a run wrote?",
  examples: [
    ["bulkpatch verify brave-otter", "lists the registry again; exit code 5 where something differs"],
    ["bulkpatch verify brave-otter --json", "every difference, for a script"],
  ],
  needsApi: true,
  read: ([id]) => ({ id }),
});
