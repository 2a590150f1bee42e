import { defineUsage } from "../usage.ts";
import { UsageError } from "../usage-error.ts";
const DAY = 24 * 60 * 60 * 1_000;

interface EvidenceFlags {
  from?: string;
  to?: string;
  check?: string;
  dir: string;
}

export interface Period {
  from: number;
  /** Not part of it. */
  to: number;
}

export const evidenceUsage = defineUsage({
  usage: "evidence [run]",
  summary: "what an auditor asks for: who approved what, before and after, as a chain of files",
  examples: [
    ["bulkpatch evidence brave-otter", "one run: its plan, approval, every row before and after, request ids"],
    [
      "bulkpatch evidence --from 2026-10-01 --to 2026-10-31",
      "every run, occasion, skip, hold and approval of a period",
    ],
    [
      "bulkpatch evidence --check bulkpatch-evidence/0007-run-brave-otter.json",
      "is it, byte for byte, what was written?",
    ],
  ],
  options: (command) =>
    command
      .option("--from <date>", "the first day of a period, like 2026-10-01 (UTC)")
      .option("--to <date>", "the last day of it")
      .option("--check <file>", "check a file and those before it")
      .option("--dir <folder>", "where the files go", "bulkpatch-evidence"),
  needsApi: false,
  read: ([id], { check, dir, ...days }: EvidenceFlags) => {
    const period = periodOf(days);
    if ([id, check, period].filter((one) => one !== undefined && one !== null).length !== 1) {
      throw new UsageError(
        "evidence: expected a run, a period or --check, and only one of them",
        "write bulkpatch evidence RUN, or --from DATE --to DATE, or --check FILE",
      );
    }
    return { id, check, period, dir };
  },
});

function periodOf({ from, to }: Pick<EvidenceFlags, "from" | "to">): Period | null {
  if (from === undefined && to === undefined) return null;
  if (from === undefined || to === undefined) {
    throw new UsageError(
      "evidence: --from and --to belong together",
      "write it like --from 2026-10-01 --to 2026-10-31",
    );
  }
  const period = { from: dayOf("--from", from), to: dayOf("--to", to) + DAY };
  if (period.from < period.to) return period;
  throw new UsageError(`evidence: --to ${to} is before --from ${from}`, "name the first day first");
}

function dayOf(flag: string, text: string): number {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new UsageError(`${flag}: expected a day like 2026-10-01, found "${text}"`, "write year, month and day");
}
