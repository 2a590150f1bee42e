/**
 * A report.csv that is run again: the columns that the report put before the file's own, by which it is recognised,
 * and the rows that need nothing more.
 */
const REPORT_HEADER =
  "row,outcome,impersonation_registry_id,name,email,changed,message,http_status,api_code,attempts,finished_at,ray_id".split(
    ",",
  );
const OUTCOME_CELL = REPORT_HEADER.indexOf("outcome");

/** Cells of a report's row that come before the file's own. */
export const REPORT_CELLS = REPORT_HEADER.length;

const DONE = new Set(["updated", "unchanged"]);
/** Would be refused again, whoever asks. */
const SYNCED = "rejected_directory_synced";

export function isReport(header: readonly string[]): boolean {
  return REPORT_HEADER.every((name, i) => header[i]?.trim().toLowerCase() === name) && header.length > REPORT_CELLS;
}

/** Tells which of a report's rows are still to be done, and counts the others. */
export interface ReportRows {
  /** @param cells of the report, its own columns included */
  isOutstanding(cells: readonly string[]): boolean;
  /** A sentence on what was left out; null where nothing was. */
  leftOut(): string | null;
}

export function makeReportRows(): ReportRows {
  let done = 0;
  let synced = 0;
  return {
    isOutstanding(cells) {
      const outcome = (cells[OUTCOME_CELL] ?? "").trim().toLowerCase();
      if (DONE.has(outcome)) done++;
      else if (outcome === SYNCED) synced++;
      else return true;
      return false;
    },
    leftOut() {
      const parts = [
        done > 0 ? `${done} updated or unchanged` : null,
        synced > 0 ? `${synced} refused because the entry is synced from a directory` : null,
      ].filter((part) => part !== null);
      return parts.length === 0 ? null : `Left out rows of the earlier run: ${parts.join(", ")}.`;
    },
  };
}
