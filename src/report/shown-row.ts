import type { Outcome } from "../runs/outcome.ts";
import type { Run, RunRow } from "../runs/run.ts";
import { entryAfter, knowsOldValues, type ShownChange, shownChanges } from "./changes-text.ts";
import { askedInFile } from "./asked.ts";
import { clip } from "./clip.ts";

/** A row as the page shows it, its texts clipped. */
export interface ShownRow {
  row: number;
  outcome: Outcome | null;
  /** Of the entry, as it is after the row; empty where not known. */
  name: string;
  email: string;
  /** What the file said, for a row whose entry is not known. */
  cells: string;
  changes: ShownChange[];
  message: string;
  /** What the file said, for a row that contradicts another. */
  asks: string;
}

/** `run`: the row's, or the plan's. */
export function shownRow(row: RunRow, run: Pick<Run, "options"> & { source: Pick<Run["source"], "header"> }): ShownRow {
  const oldValuesKnown = knowsOldValues(run);
  const entry = entryAfter(row);
  const known = entry.name !== "" || entry.email !== "";
  return {
    row: row.row,
    outcome: row.result?.outcome ?? null,
    name: clip(entry.name),
    email: clip(entry.email),
    cells: known
      ? ""
      : clip(
          row.cells
            .map((cell) => clip(cell.trim()))
            .filter(Boolean)
            .slice(0, 4)
            .join(" · "),
        ),
    changes: row.changes
      ? shownChanges(row.changes, oldValuesKnown).map(({ field, from, to }) => ({
          field,
          from: from && clip(from),
          to: clip(to),
        }))
      : [],
    message: clip(row.result?.message ?? ""),
    asks: row.result?.outcome === "rejected_duplicate" ? clip(askedInFile(row, run.source.header)) : "",
  };
}
