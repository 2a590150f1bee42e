import { ownCells } from "../report/sheet.ts";
import { renderChanges } from "../report/changes-text.ts";
import type { RunRow } from "../runs/run.ts";
import type { Plan } from "./make-plan.ts";

/** Columns that come before the file's own; none is taken for one of those when the sheet is read again. */
const VERDICT_COLUMNS = ["row", "verdict", "entry", "entry's name", "entry's e-mail", "old → new", "why", "look at"];

/** Every row's verdict, for a colleague to look over: the header first, then a record for each row. */
export async function* verdictRecords(plan: Plan, header: readonly string[]): AsyncGenerator<string[]> {
  yield [...VERDICT_COLUMNS, ...header];
  for await (const row of plan.decided()) yield [...verdict(row), ...ownCells(row, header)];
}

function verdict(row: RunRow): string[] {
  return [
    String(row.row),
    row.result?.outcome ?? "update",
    row.entryId ?? "",
    row.entryName ?? "",
    row.entryEmail ?? "",
    row.changes === null ? "" : renderChanges(row.changes, true),
    row.result?.message ?? "",
    (row.warnings ?? []).map(({ code, message }) => `${code}: ${message}`).join("; "),
  ];
}
