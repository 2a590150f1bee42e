import type { EntryUpdate } from "../registry/entry.ts";
import { show } from "./cells/show.ts";

/** How a row says which entry it is about. */
export type Target =
  | { by: "id"; id: string }
  /** `match_email`, or `email` where the row has neither an id nor a `match_email`. Compared without regard to case. */
  | { by: "email"; email: string }
  /** An integer id from an export of before 2025, which the API no longer takes: found by e-mail and name where they fit one entry. */
  | { by: "old-id"; oldId: string; email: string | null; name: string | null };

/** What a row asks for after checking: which entry, which fields, which new values. */
export interface Change {
  target: Target;
  /** Only the fields that the row gives a value; empty when it gives none. `email` is absent where it only found the entry. */
  set: EntryUpdate;
  /** The row's `modified_at`, ISO 8601: an entry changed later than this is not touched. */
  modifiedAt: string | null;
}

/** One thing that is wrong with one row. */
export interface Problem {
  /** The column's header as the file has it; null when it is about the whole row. */
  column: string | null;
  expected: string;
  /** What was found, shortened to be printable. */
  found: string;
}

/** Something in a row that can be done, but that a person should look at first. */
export interface RowWarning {
  /** Stable, for scripts: `null_word`, `name_is_number`, … */
  code: string;
  /** One sentence that names the column and what was found, shortened to be printable. */
  message: string;
}

/** One data row of a spreadsheet, in the file's order. */
export interface SourceRow {
  /** As the spreadsheet shows it: the header is row 1, skipped empty rows count. With quoted line breaks: the record's number, not the line's. */
  row: number;
  /**
   * The file's own cells, one for each header, as they were written (what `defuse` added is undone).
   * A row that is wrong because it has too many or too few cells keeps just those.
   */
  cells: string[];
  /** Null when `problems` is not empty. */
  change: Change | null;
  problems: Problem[];
  /** What is odd about values that are taken as they are; left out where nothing is. */
  warnings?: RowWarning[];
}

/** `column "E-mail": expected one e-mail address, found "a@x, b@x"`; several problems joined by "; ". */
export function renderProblems(problems: readonly Problem[]): string {
  return problems
    .map((p) => `${p.column === null ? "row" : `column ${show(p.column)}`}: expected ${p.expected}, found ${p.found}`)
    .join("; ");
}
