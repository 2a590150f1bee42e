import type { RawRow } from "../row-reader.ts";
import { openParts } from "./parts.ts";
import { readSharedStrings } from "./shared-strings.ts";
import { readSheetRows } from "./sheet-rows.ts";
import { readDateFormats } from "./styles.ts";
import { chooseSheet, readWorkbook } from "./workbook.ts";

/**
 * The rows of one sheet of an Excel workbook (.xlsx, .xlsm), in batches, with the values that its cells show: text, numbers, TRUE/FALSE,
 * dates as ISO 8601, the result that a formula had when the workbook was saved. Empty rows are left out, not counted differently.
 * Rows stream; the workbook's shared texts are held in memory, within a cap.
 * @param file name for messages
 * @param bytes the whole file
 * @param sheet name or number from 1; the first that is not hidden when left out
 * @param notes gets a sentence on what was chosen and the reader should know
 * @throws SourceError `xlsx_damaged`, `xlsx_too_large`, `sheet_not_found`, or `not_a_spreadsheet` for another kind of zip file
 */
export async function openXlsx(
  file: string,
  bytes: Buffer,
  sheet: string | undefined,
  notes: string[],
): Promise<AsyncIterable<RawRow[]>> {
  const parts = await openParts(file, bytes);
  const workbook = await readWorkbook(parts);
  const chosen = chooseSheet(file, workbook.sheets, sheet, notes);
  const isDate = await readDateFormats(parts, workbook.stylesPart);
  const strings = await readSharedStrings(parts, workbook.stringsPart);
  return readSheetRows(parts, chosen.part, { strings, isDate, from1904: workbook.from1904 }, notes);
}
