import { SourceError } from "./source.ts";

/** What a file is, told by its first bytes and never by its name; `compound` is the container of the first Office programs. */
export type FileKind = "text" | "gzip" | "zip" | "compound";

/** Bytes that are enough to tell. */
export const KIND_BYTES = 4096;

const EXPORT_AS_CSV = 'Open it in the program that made it and save it as "CSV UTF-8" or as .xlsx.';

/** Beginnings of files that are no spreadsheets, and what to call them. */
const OTHERS: [string, string][] = [
  ["%PDF", "a PDF"],
  ["\u0089PNG", "a picture"],
  ["\u00ff\u00d8\u00ff", "a picture"],
  ["GIF8", "a picture"],
  ["PAR1", "a Parquet file"],
  ["SQLite format 3", "an SQLite database"],
  ["{\\rtf", "an RTF document"],
  ["7z\u00bc\u00af", "a 7-Zip archive"],
  ["Rar!", "a RAR archive"],
  ["BZh", "a bzip2 archive"],
  ["\u00fd7zXZ", "an xz archive"],
  ["\u0028\u00b5\u002f\u00fd", "a Zstandard archive"],
];

/**
 * @param head the file's first KIND_BYTES bytes, or all there are
 * @param file name for messages
 * @param encoding the text encoding that was asked for: then a file without a known beginning is text
 * @throws SourceError `file_empty`, `not_a_spreadsheet`, `web_page`, `encoding_unclear`
 */
export function detectKind(file: string, head: Buffer, encoding?: string): FileKind {
  if (head.length === 0)
    throw new SourceError("file_empty", `${file}: expected a spreadsheet, found an empty file`, "Export it again.");
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  const start = head.toString("latin1");
  if (start.startsWith("PK\u0003\u0004") || start.startsWith("PK\u0005\u0006")) return "zip";
  if (start.startsWith("\u00d0\u00cf\u0011\u00e0")) return "compound";
  const other = OTHERS.find(([magic]) => start.startsWith(magic));
  if (other !== undefined) throw notASpreadsheet(file, other[1]);
  if (/^\s*<(?:!doctype|html|head|meta|table|\?xml)\b/i.test(start.replace(/^\u00ef\u00bb\u00bf/, ""))) {
    throw new SourceError(
      "web_page",
      `${file}: expected a spreadsheet, found a web page or XML`,
      `If it came from a download, you may have been asked to log in; if it opens in Excel, save it there as "CSV UTF-8" or .xlsx.`,
    );
  }
  if (encoding !== undefined || hasMark(start) || !head.includes(0)) return "text";
  throw withoutMark(file, head) ?? notASpreadsheet(file, "a binary file");
}

/** What is in a compound file, by the name of its main part; an encrypted .xlsx is one. */
const COMPOUNDS: [string, string][] = [
  ["WordDocument", "an old Word document"],
  ["PowerPoint Document", "an old PowerPoint file"],
  ["__substg1.0_", "a message from Outlook"],
];

/**
 * Says why a compound file can't be read.
 * @param bytes its first ones; of a workbook of ordinary size all
 */
export function refuseCompound(file: string, bytes: Buffer): SourceError {
  const has = (part: string) => bytes.includes(Buffer.from(part, "utf16le"));
  if (has("EncryptedPackage")) {
    return new SourceError(
      "workbook_has_password",
      `${file}: expected a workbook that opens without a password, found one that is protected by one`,
      `Open it in Excel, empty the password under File > Info > Protect Workbook > Encrypt with Password, and save it; or save the sheet as "CSV UTF-8".`,
    );
  }
  return notASpreadsheet(file, COMPOUNDS.find(([part]) => has(part))?.[1] ?? "an old .xls workbook");
}

/** UTF-16 announces itself; its text is full of zero bytes. */
function hasMark(start: string): boolean {
  return start.startsWith("\u00ff\u00fe") || start.startsWith("\u00fe\u00ff");
}

/** UTF-16 that doesn't announce itself: every other byte of Latin text is zero. */
function withoutMark(file: string, head: Buffer): SourceError | null {
  const zeros = [0, 0];
  for (let i = 0; i < head.length; i++) if (head[i] === 0) zeros[i % 2]!++;
  const [even, odd] = zeros as [number, number];
  const most = head.length / 2;
  const guess = odd > 0.8 * most && even === 0 ? "utf-16le" : even > 0.8 * most && odd === 0 ? "utf-16be" : null;
  if (guess === null) return null;
  return new SourceError(
    "encoding_unclear",
    `${file}: expected UTF-8, found what looks like ${guess} without a byte-order mark`,
    `Add --encoding ${guess}, or export the file as "CSV UTF-8".`,
  );
}

export function notASpreadsheet(file: string, what: string): SourceError {
  return new SourceError(
    "not_a_spreadsheet",
    `${file}: expected a spreadsheet (CSV or .xlsx), found ${what}`,
    EXPORT_AS_CSV,
  );
}
