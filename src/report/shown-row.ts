import type { Outcome } from "../runs/outcome.ts";
import type { RunRow } from "../runs/run.ts";
import { entryAfter, type ShownChange, shownChanges } from "./changes-text.ts";
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
}

/** `oldValuesKnown`: the run compared with the registry, so what was there before is said too. */
export function shownRow(row: RunRow, oldValuesKnown: boolean): ShownRow {
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
  };
}
