import { countOf } from "../wording.ts";
import { SourceError } from "./source.ts";

/** What was found of a spreadsheet of which no row is to be read. */
export interface RowsFound {
  /** The header's number. */
  headerRow: number;
  /** Rows below it that have something in them. */
  rows: number;
  /** Rows of an earlier run's report that were left out because they need nothing more. */
  done: number;
}

/** A plan of no rows would be a run of nothing, and a file that came empty would pass for one that is all done. */
export function noRows(file: string, { headerRow, rows, done }: RowsFound): SourceError {
  if (rows === 0) {
    return new SourceError(
      "no_rows",
      `${file}: expected rows below the header in row ${headerRow}, found none`,
      "Export the spreadsheet again with its rows; if the header is another row, say which with --header-row N.",
    );
  }
  if (done === rows) {
    return new SourceError(
      "nothing_outstanding",
      `${file}: expected rows that are still to be done, found ${countOf(rows, "row")} that ${rows === 1 ? "is" : "are"} done or refused for good`,
      "There is nothing to run again. Give the spreadsheet itself to begin anew.",
    );
  }
  return new SourceError(
    "no_rows_selected",
    `${file}: expected rows that --where, --skip and --limit leave, found none among ${countOf(rows, "row")}`,
    "Correct --where, --skip or --limit.",
  );
}
