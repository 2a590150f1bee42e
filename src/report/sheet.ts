import type { RunRow } from "../runs/run.ts";

/** One CSV file of a report. */
export interface Sheet {
  header: string[];
  /** The row's record; null where the row does not belong into this file. */
  record(row: RunRow): string[] | null;
}

/** The row's own cells, one for each header at least: a row that was too short is filled up, one that was too long keeps what it has. */
export function ownCells(row: RunRow, header: readonly string[]): string[] {
  return row.cells.length >= header.length
    ? row.cells
    : [...row.cells, ...Array<string>(header.length - row.cells.length).fill("")];
}
