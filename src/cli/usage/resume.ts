import { wholeNumber } from "../number-flags.ts";
import { defineUsage } from "../usage.ts";

interface ResumeFlags {
  detach?: boolean;
  work: boolean;
  reportDir?: string;
  maxChanges?: string;
}

export const resumeUsage = defineUsage({
  usage: "resume [run]",
  summary: "let an unfinished run go on, and work on it",
  examples: [
    ["bulkpatch resume 2026-11-24-brave-otter", "go on where it stopped, with progress and a report"],
    ["bulkpatch resume brave-otter --detach", "leave it to the workers; the end of an id is enough"],
  ],
  options: (command) =>
    command
      .option("--detach", "leave it to the workers")
      .option("--no-work", "only watch; leave the work to the workers")
      .option("--max-changes <n>", "entries that a run halted by its safety limit may update")
      .option("--report-dir <folder>", "where the report goes (default: as when it started)"),
  needsApi: true,
  read: ([id], { detach, work, reportDir, maxChanges }: ResumeFlags) => ({
    id,
    detach: detach === true,
    work,
    reportDir,
    allowChanges: wholeNumber("--max-changes", maxChanges),
  }),
});
