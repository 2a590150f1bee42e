import { type Entry, UPDATABLE_FIELDS } from "../registry/entry.ts";
import { FIELDS } from "./columns.ts";
import { matchHeader } from "./header.ts";
import { makeRowReader } from "./row-reader.ts";

/** The columns of an export, in their order: every column that is understood but `match_email`, which the id makes needless. */
export const ENTRY_COLUMNS = FIELDS.filter((field) => field !== "match_email");

/**
 * Makes the cells of entries, one for each of ENTRY_COLUMNS, such that reading them back asks for no change. A value that a
 * cell can't say exactly (spaces at its ends, control characters, the text `<null>`, …) is left out: an empty cell changes nothing.
 */
export function makeEntryCells(): { cellsOf(entry: Entry): string[]; leftOut(): number } {
  const reader = makeRowReader(ENTRY_COLUMNS, matchHeader("export", ENTRY_COLUMNS, {}, []), { shortRows: false });
  let leftOut = 0;

  /** The fields that are read back as something else than they are. */
  function misread(entry: Entry, cells: readonly string[]): string[] {
    const { change, problems } = reader.read({ row: 2, cells: [...cells] });
    if (change === null) return problems.flatMap(({ column }) => column ?? []);
    return UPDATABLE_FIELDS.filter((field) => field in change.set && change.set[field] !== entry[field]);
  }

  return {
    leftOut: () => leftOut,
    cellsOf(entry) {
      const cells = ENTRY_COLUMNS.map((field) =>
        String((field === "impersonation_registry_id" ? entry.id : entry[field]) ?? ""),
      );
      for (let wrong = misread(entry, cells); wrong.length > 0; wrong = misread(entry, cells)) {
        for (const field of wrong) cells[ENTRY_COLUMNS.indexOf(field as (typeof ENTRY_COLUMNS)[number])] = "";
        leftOut += wrong.length;
      }
      return cells;
    },
  };
}
