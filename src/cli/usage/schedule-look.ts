import { wholeNumber } from "../number-flags.ts";
import { defineUsage } from "../usage.ts";

export const scheduleListUsage = defineUsage({
  usage: "list",
  summary: "what schedules there are, and how the last occasion of each ended",
  examples: [["bulkpatch schedule list", "one line each"]],
  needsApi: false,
  takesApiFlags: true,
  read: () => null,
});

export const scheduleShowUsage = defineUsage({
  usage: "show <name>",
  summary: "all there is to say of a schedule: why it is held, what was accepted, its last occasions",
  examples: [["bulkpatch schedule show hr", "also what only the list, and only the registry, has"]],
  needsApi: false,
  read: ([name]) => ({ name: name! }),
});

export const scheduleOccasionsUsage = defineUsage({
  usage: "occasions <name>",
  summary: "each due time of a schedule, and what came of it, newest first",
  examples: [["bulkpatch schedule occasions hr --limit 100", "the last hundred"]],
  options: (command) => command.option("--limit <n>", "how many (default 20)"),
  needsApi: false,
  read: ([name], { limit }: { limit?: string }) => ({ name: name!, limit: wholeNumber("--limit", limit) ?? 20 }),
});
