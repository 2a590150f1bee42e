import { duration } from "../number-flags.ts";
import { defineUsage } from "../usage.ts";

/** How long `--watch` waits for somebody to work on the run. */
const WAIT_FOR_WORK = "60s";

export const statusUsage = defineUsage({
  usage: "status [run]",
  summary: "how far a run is, who works on it, and who asked what of it",
  examples: [
    ["bulkpatch status", "the newest run, once"],
    ["bulkpatch status brave-otter --watch", "until it is over or rests; the end of an id is enough"],
  ],
  options: (command) =>
    command
      .option("--watch", "until it is over or rests; ends as the run does")
      .option("--wait <time>", `how long to watch a run that nobody works on (default ${WAIT_FOR_WORK})`),
  needsApi: false,
  read: ([id], { watch, wait }: { watch?: boolean; wait?: string }) => ({
    id,
    watch: watch === true,
    giveUpAfterMs: duration("--wait", wait ?? WAIT_FOR_WORK)!,
  }),
});
