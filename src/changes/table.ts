import { readCsvRows } from "./csv-rows.ts";
import { undefuse } from "./defuse.ts";
import { detectDialect } from "./dialect.ts";
import { detectKind, KIND_BYTES, notASpreadsheet, refuseCompound } from "./file-kind.ts";
import { findHeader, makeFieldOf } from "./find-header.ts";
import { gunzip } from "./gunzip.ts";
import { makePeekable, type Peekable } from "./peekable.ts";
import type { RawRow, RowShape } from "./row-reader.ts";
import { type ReadOptions, SourceError } from "./source.ts";
import { decodeToUtf8, detectToUtf8, encodingByMark, makeDecoder } from "./encoding/to-utf8.ts";

/** A spreadsheet's rows as it has them, the header among them. */
export interface Table {
  /** In batches, in order; numbered as the spreadsheet shows them. */
  batches: AsyncIterable<RawRow[]>;
  shape: RowShape;
  /** Of a workbook: the name of the sheet that is read, and those of the others that are not hidden. */
  sheets?: { read: string; others: string[] };
}

/** The header is looked for in so many bytes. */
const HEADER_BYTES = 64 * 1024;
/** The list of a compound file's parts may lie anywhere in it. */
const COMPOUND_BYTES = 32 * 1024 * 1024;
/** Of a workbook as it is on disk; it is held in memory. */
const LARGEST_WORKBOOK = 128 * 1024 * 1024;

/**
 * The rows of a spreadsheet, whatever kind of file it is: CSV in any dialect and encoding, .xlsx, or one of them packed by gzip.
 * @param file name for messages
 * @param notes gets a sentence on what was decided and the reader should know
 */
export async function openTable(
  file: string,
  bytes: AsyncIterable<Buffer>,
  options: ReadOptions,
  notes: string[],
): Promise<Table> {
  const { kind, head, chunks } = await unpack(file, bytes, options.encoding);
  if (kind === "zip") {
    const { openXlsx } = await import("./xlsx/open-xlsx.ts");
    const workbook = await collect(file, chunks);
    const rank = (rows: readonly RawRow[]) => findHeader(rows, options)?.rank ?? 0;
    const { batches, sheet, others } = await openXlsx(file, workbook, options.sheet, rank, notes);
    return { batches, shape: { shortRows: true }, sheets: { read: sheet, others } };
  }
  if (options.sheet !== undefined) {
    throw new SourceError(
      "sheet_not_found",
      `${file}: expected an .xlsx workbook, as --sheet says, found a text file`,
      "Leave out --sheet, or name the workbook.",
    );
  }
  const text = makePeekable(toUtf8(file, head, chunks, options.encoding, notes));
  const start = (await text.peek(HEADER_BYTES)).toString();
  const fieldOf = makeFieldOf(options.map ?? {});
  const dialect = detectDialect(start, (cell) => fieldOf(undefuse(cell)) !== undefined);
  const delimiter = options.delimiter === undefined ? dialect.delimiter : parseDelimiter(options.delimiter);
  const skip = Buffer.byteLength(start.slice(0, dialect.skip));
  return { batches: readCsvRows(file, skipBytes(text, skip), delimiter), shape: { shortRows: false } };
}

interface Unpacked {
  kind: "text" | "zip";
  /** The first bytes. */
  head: Buffer;
  chunks: Peekable;
}

async function unpack(file: string, bytes: AsyncIterable<Buffer>, encoding: string | undefined): Promise<Unpacked> {
  const packed = makePeekable(bytes);
  const packedHead = await packed.peek(KIND_BYTES);
  const packedKind = detectKind(file, packedHead, encoding);
  if (packedKind === "compound") throw refuseCompound(file, await packed.peek(COMPOUND_BYTES));
  if (packedKind !== "gzip") return { kind: packedKind, head: packedHead, chunks: packed };
  const chunks = makePeekable(gunzip(file, packed));
  const head = await chunks.peek(KIND_BYTES);
  const kind = detectKind(file, head, encoding);
  if (kind === "compound") throw refuseCompound(file, await chunks.peek(COMPOUND_BYTES));
  if (kind === "gzip") throw notASpreadsheet(file, "a gzip file in a gzip file");
  return { kind, head, chunks };
}

async function collect(file: string, chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    pieces.push(chunk);
    bytes += chunk.length;
    if (bytes > LARGEST_WORKBOOK) {
      throw new SourceError(
        "xlsx_too_large",
        `${file}: expected a workbook of at most 128 MiB, found a larger one`,
        `Save the sheet as "CSV UTF-8": CSV files may be of any size.`,
      );
    }
  }
  return Buffer.concat(pieces);
}

function toUtf8(
  file: string,
  head: Buffer,
  chunks: AsyncIterable<Buffer>,
  encoding: string | undefined,
  notes: string[],
): AsyncIterable<Buffer> {
  const named = encoding ?? encodingByMark(head);
  return named === null ? detectToUtf8(file, chunks, notes) : decodeToUtf8(chunks, makeDecoder(named));
}

const DELIMITER_NAMES: Record<string, string> = { comma: ",", semicolon: ";", tab: "\t", "\\t": "\t", pipe: "|" };

/** @throws SourceError `bad_delimiter` */
function parseDelimiter(text: string): string {
  const delimiter = DELIMITER_NAMES[text.toLowerCase()] ?? text;
  if (delimiter.length === 1 && !/["\r\n]/.test(delimiter)) return delimiter;
  throw new SourceError(
    "bad_delimiter",
    `expected one character that separates cells, found ${JSON.stringify(text)}`,
    "Use for example --delimiter ';' or --delimiter tab.",
  );
}

async function* skipBytes(chunks: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
