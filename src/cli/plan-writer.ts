import type { PlanFileFacts } from "../plan/plan-file.ts";
import type { SourcePlan } from "../plan/make-plan.ts";
import { verdictRecords } from "../plan/verdict-sheet.ts";
import { renderCsv } from "../report/csv-writer.ts";
import { assertFree, writePrivateFile } from "../report/private-file.ts";
import type { OutFile } from "./out-file.ts";

export interface PlanWriter {
  path: string;
  /** What it writes can be run. */
  runs: boolean;
  write(plan: SourcePlan, facts: PlanFileFacts): Promise<void>;
}

/** Throws before any work where the file can't be written. */
export async function planWriterFor({ path, form, force }: OutFile<"json" | "xlsx" | "csv">): Promise<PlanWriter> {
  await assertFree(path, { force });
  return {
    path,
    runs: form === "json",
    write: async (plan, facts) => {
      const pieces =
        form === "json"
          ? (await import("../plan/plan-file.ts")).renderPlanFile(plan, facts)
          : form === "csv"
            ? renderCsv(verdictRecords(plan, facts.header))
            : [await workbook(plan, facts.header)];
      await writePrivateFile(path, { force }, pieces);
    },
  };
}

/** A workbook is packed as a whole, so its rows are held in memory; a sheet has a million at the most. */
async function workbook(plan: SourcePlan, header: readonly string[]): Promise<Uint8Array> {
  const [first, ...records] = await Array.fromAsync(verdictRecords(plan, header));
  const { renderWorkbook } = await import("../report/xlsx-workbook.ts");
  return renderWorkbook(first!, records);
}
