import { SourceError } from "./source.ts";

/**
 * bulkpatch's own files, when they are run. A report.csv is known by the columns that it puts before the file's own; its rows that need
 * nothing more are left out. An undo.csv and a directory-synced.csv are known by theirs.
 */
/** The columns of a report.csv that come before the file's own. */
export const REPORT_COLUMNS = [
  "row",
  "outcome",
  "impersonation_registry_id",
  "name",
  "email",
  "changed",
  "message",
  "http_status",
  "api_code",
  "attempts",
  "finished_at",
  "ray_id",
] as const;
const OUTCOME_CELL = REPORT_COLUMNS.indexOf("outcome");
const SYNCED_HEADER = ["row", "directory", "provenance"];

/** Cells of a report's row that come before the file's own. */
export const REPORT_CELLS = REPORT_COLUMNS.length;

/** Stands before each of the file's own headers in a report, so that `file: Email` is not mistaken for the report's `email`. */
export const FILE_PREFIX = "file: ";

/** The column of an undo.csv that has the id of the run that it undoes. */
export const UNDO_COLUMN = "bulkpatch_undo_of";

const DONE = new Set(["updated", "unchanged"]);
/** Would be refused again, whoever asks. */
const SYNCED = "rejected_directory_synced";

/** Whether the header is that of a report.csv of ours. */
export function isReport(header: readonly string[]): boolean {
  return startsWith(header, REPORT_COLUMNS) && header.length > REPORT_CELLS;
}

/** The file's own headers of a report's, as the file had them; reports of before did not mark them. */
export function ownHeader(header: readonly string[]): string[] {
  const own = header.slice(REPORT_CELLS);
  const isMarked = own.every((text) => text.startsWith(FILE_PREFIX.trimEnd()));
  return isMarked ? own.map((text) => text.slice(FILE_PREFIX.length)) : own;
}

/** A sentence on an undo.csv; null for other files. */
export function undoNote(header: readonly string[]): string | null {
  if (!header.includes(UNDO_COLUMN)) return null;
  return "This is the undo.csv of an earlier run: it puts back the values from before, and leaves alone entries that were changed since.";
}

/** @throws SourceError `directory_synced_list` for a directory-synced.csv, of which nothing can be updated */
export function assertNoSyncedList(file: string, header: readonly string[]): void {
  if (!startsWith(header, SYNCED_HEADER)) return;
  throw new SourceError(
    "directory_synced_list",
    `${file}: expected a spreadsheet of changes, found bulkpatch's list of entries that are synced from a directory`,
    "Hand it to whoever runs the directory. When an entry is synced no more, run its row of your own spreadsheet again.",
  );
}

function startsWith(header: readonly string[], names: readonly string[]): boolean {
  return names.every((name, i) => header[i]?.trim().toLowerCase() === name);
}

/** Tells which of a report's rows are still to be done, and counts the others. */
export interface ReportRows {
  /** @param cells of the report, its own columns included */
  isOutstanding(cells: readonly string[]): boolean;
  /** Rows so far that are not. */
  done(): number;
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
    done: () => done + synced,
    leftOut() {
      const parts = [
        done > 0 ? `${done} updated or unchanged` : null,
        synced > 0 ? `${synced} refused because the entry is synced from a directory` : null,
      ].filter((part) => part !== null);
      return parts.length === 0 ? null : `Left out rows of the earlier run: ${parts.join(", ")}.`;
    },
  };
}
