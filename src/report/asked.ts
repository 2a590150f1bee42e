import type { RunRow } from "../runs/run.ts";
import { ownCells } from "./sheet.ts";

/** What the file said, for a row whose changes are not kept: `Display_Name: Ada; Email: ada@x.example`. */
export function askedInFile(row: RunRow, header: readonly string[]): string {
  return ownCells(row, header)
    .flatMap((cell, column) =>
      cell.trim() === "" ? [] : [`${header[column]?.trim() || `column ${column + 1}`}: ${cell.trim()}`],
    )
    .join("; ");
}
