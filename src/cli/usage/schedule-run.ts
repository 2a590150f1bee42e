import { defineUsage } from "../usage.ts";

export const scheduleRunNowUsage = defineUsage({
  usage: "run-now <name>",
  summary: "carry out a schedule now, besides its due times",
  examples: [["bulkpatch schedule run-now hr", "with all its limits; ends with 4 when it is held"]],
  needsApi: true,
  read: ([name]) => ({ name: name! }),
});

export const scheduleRunDueUsage = defineUsage({
  usage: "run-due",
  summary: "do once what is due, to its end; for cron and systemd timers",
  examples: [["*/5 * * * * bulkpatch schedule run-due", "a line for crontab, where no worker and no `serve` runs"]],
  needsApi: true,
  read: () => null,
});
