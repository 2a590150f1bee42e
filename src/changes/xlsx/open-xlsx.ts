import { show } from "../cells/show.ts";
import { HAS_FINDING_COLUMN, ROWS_LOOKED_AT } from "../find-header.ts";
import type { RawRow } from "../row-reader.ts";
import { openParts } from "./parts.ts";
import { readSharedStrings } from "./shared-strings.ts";
import { readSheetRows } from "./sheet-rows.ts";
import { readDateFormats } from "./styles.ts";
import { findSheet, readWorkbook, type Sheet } from "./workbook.ts";

/** One sheet of a workbook. */
export interface OpenedSheet {
  /** Its rows in batches. Empty ones are left out, not counted differently. */
  batches: AsyncIterable<RawRow[]>;
  sheet: string;
  /** Names of the other sheets that are not hidden. */
  others: string[];
}

/**
 * The rows of one sheet of an Excel workbook (.xlsx, .xlsm), with the values that its cells show: text, numbers, TRUE/FALSE,
 * dates as ISO 8601, the result that a formula had when the workbook was saved.
 * Rows stream; the workbook's shared texts are held in memory, within a cap.
 * @param file name for messages
 * @param bytes the whole file
 * @param wanted name or number from 1; when left out, the first of those that are not hidden whose rows have the highest rank
 * @param rank how much a sheet's first rows look like those that are meant, as `findHeader` says
 * @param notes gets a sentence on what was chosen and the reader should know
 * @throws SourceError `xlsx_damaged`, `xlsx_too_large`, `sheet_not_found`, or `not_a_spreadsheet` for another kind of zip file
 */
export async function openXlsx(
  file: string,
  bytes: Buffer,
  wanted: string | undefined,
  rank: (rows: readonly RawRow[]) => number,
  notes: string[],
): Promise<OpenedSheet> {
  const parts = await openParts(file, bytes);
  const { sheets, from1904, stylesPart, stringsPart } = await readWorkbook(parts);
  const named = wanted === undefined ? null : findSheet(file, sheets, wanted);
  const isDate = await readDateFormats(parts, stylesPart);
  const context = { strings: await readSharedStrings(parts, stringsPart), isDate, from1904 };
  const ranked = new Map<Sheet, number>();
  const visible = sheets.filter((sheet) => !sheet.hidden);
  const candidates = named !== null ? [named] : visible.length > 0 ? visible : sheets;
  if (candidates.length > 1) {
    for (const sheet of candidates)
      ranked.set(sheet, rank(await firstRows(readSheetRows(parts, sheet.part, context, []))));
  }
  const chosen = candidates.reduce((best, sheet) =>
    (ranked.get(sheet) ?? 0) > (ranked.get(best) ?? 0) ? sheet : best,
  );
  if (named === null && sheets.length > 1) notes.push(choiceNote(chosen, sheets, ranked));
  return {
    batches: readSheetRows(parts, chosen.part, context, notes),
    sheet: chosen.name,
    others: visible.filter((sheet) => sheet !== chosen).map(({ name }) => name),
  };
}

async function firstRows(batches: AsyncIterable<RawRow[]>): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  for await (const batch of batches) {
    rows.push(...batch);
    if (rows.at(-1)!.row >= ROWS_LOOKED_AT) break;
  }
  return rows;
}

function choiceNote(chosen: Sheet, sheets: readonly Sheet[], ranked: ReadonlyMap<Sheet, number>): string {
  const least = Math.max(HAS_FINDING_COLUMN, (ranked.get(chosen) ?? 0) - HAS_FINDING_COLUMN);
  const alike = [...ranked].filter(([sheet, rank]) => sheet !== chosen && rank >= least);
  if (alike.length > 0) {
    const have = alike.length === 1 ? "has" : "have";
    return `Read only sheet ${show(chosen.name)}; ${list(alike.map(([sheet]) => sheet))} ${have} such columns too. Use --sheet for another.`;
  }
  const before = [...ranked.keys()].slice(0, [...ranked.keys()].indexOf(chosen));
  if (before.length > 0)
    return `Read sheet ${show(chosen.name)}, which has the columns, and not ${list(before)}. Use --sheet for another.`;
  return `Read sheet ${show(chosen.name)}, one of ${sheets.length}. Use --sheet for another.`;
}

/** The first few, quoted. */
function list(sheets: readonly Sheet[]): string {
  const names = sheets.slice(0, 5).map(({ name }) => show(name));
  return names.join(", ") + (sheets.length > 5 ? ` and ${sheets.length - 5} more` : "");
}
