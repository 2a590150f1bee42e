import type { Run, RunRow } from "../runs/run.ts";
import { type Group, groupOf } from "./outcome-groups.ts";
import { ownCells, type Sheet } from "./sheet.ts";

/** Columns of ours behind the file's own. The reader knows none of them, so it ignores them when the file is run again. */
const OUR_COLUMNS = ["bulkpatch_row", "bulkpatch_outcome", "bulkpatch_message"] as const;

const TO_RUN_AGAIN = new Set<Group>(["to_fix", "to_retry", "not_tried"]);

/** Whether the row needs a person or another try. */
function isToRunAgain(row: RunRow): boolean {
  return row.result !== null && TO_RUN_AGAIN.has(groupOf(row.result.outcome));
}

/**
 * failed.csv: the rows that need a person or another try, as they were, ready to be run again: rejected ones, failed ones and
 * cancelled ones, which were never tried. Directory-synced entries are not in it: another run would be refused again.
 * Behind the file's own columns stand row number, outcome and message; where the source is itself a failed.csv, its are replaced.
 */
export function failedSheet(run: Run): Sheet {
  const { header } = run.source;
  const isOwn = header.map((name) => !OUR_COLUMNS.some((ours) => ours === name.trim().toLowerCase()));
  const own = (cells: readonly string[]): string[] =>
    cells.slice(0, header.length).filter((_, column) => isOwn[column]);
  return {
    header: [...own(header), ...OUR_COLUMNS],
    record(row) {
      if (!row.result || !isToRunAgain(row)) return null;
      const cells = ownCells(row, header);
      const ours = [String(row.row), row.result.outcome, row.result.message ?? ""];
      // Cells beyond the header stay, so that the row is found to be too long again; behind ours, so that those keep their columns.
      return [...own(cells), ...ours, ...cells.slice(header.length)];
    },
  };
}
