import { FILE_PREFIX, REPORT_COLUMNS } from "../changes/report-file.ts";
import type { Run, RunRow } from "../runs/run.ts";
import { entryAfter, knowsOldValues, renderChanges } from "./changes-text.ts";
import { renderDrift } from "./drift-text.ts";
import { ownCells, type Sheet } from "./sheet.ts";

/**
 * report.csv: every row in the spreadsheet's order, `REPORT_COLUMNS` and then the file's own columns as they were written, `file: ` before their names.
 * `name` and `email` are the entry's, as they are after the run; `changed` is filled for updated rows. A row that has no
 * outcome yet has an empty one and says in its message why.
 */
export function reportSheet(run: Run): Sheet {
  const { header } = run.source;
  const oldValuesKnown = knowsOldValues(run);
  return {
    header: [...REPORT_COLUMNS, ...header.map((name) => `${FILE_PREFIX}${name}`)],
    record: (row) => [...reportCells(run, row, oldValuesKnown), ...ownCells(row, header)],
  };
}

/** How the row ended, and what was warned of before. */
function messageOf(run: Run, row: RunRow): string {
  const { result, warnings = [] } = row;
  const ended = result ? result.message : `no outcome yet: the run is ${run.state}`;
  // A row that was rejected for its warnings has them in its message.
  const warned = result?.outcome === "rejected_invalid" ? [] : warnings;
  return [ended, renderDrift(row), ...warned.map(({ code, message }) => `warning ${code}: ${message}`)]
    .filter(Boolean)
    .join("; ");
}

function reportCells(run: Run, row: RunRow, oldValuesKnown: boolean): string[] {
  const { result } = row;
  const entry = entryAfter(row);
  const updated = result?.outcome === "updated" && row.changes !== null;
  const cells: Record<(typeof REPORT_COLUMNS)[number], string> = {
    row: String(row.row),
    outcome: result?.outcome ?? "",
    impersonation_registry_id: row.entryId ?? "",
    name: entry.name,
    email: entry.email,
    changed: updated ? renderChanges(row.changes!, oldValuesKnown) : "",
    message: messageOf(run, row),
    http_status: result?.httpStatus?.toString() ?? "",
    api_code: result?.apiCode?.toString() ?? "",
    attempts: result?.attempts.toString() ?? "",
    finished_at: result ? new Date(result.finishedAt).toISOString() : "",
    ray_id: result?.rayId ?? "",
  };
  return REPORT_COLUMNS.map((column) => cells[column]);
}
