import type { Readable } from "node:stream";
import type { SourceRow } from "./change.ts";
import { normalizeHeader, FIELD_BY_NAME } from "./columns.ts";
import { readCsvRows } from "./csv-rows.ts";
import { undefuse } from "./defuse.ts";
import { detectDialect } from "./dialect.ts";
import { type Bytes, hashed, openFile, openStandardInput } from "./file-bytes.ts";
import { detectKind, KIND_BYTES, notASpreadsheet } from "./file-kind.ts";
import { matchHeader } from "./header.ts";
import { makePeekable, type Peekable } from "./peekable.ts";
import { makeRowReader, type RawRow, type RowShape } from "./row-reader.ts";
import { makeSelection } from "./selection.ts";
import { type ReadOptions, type Source, SourceError } from "./source.ts";
import { decodeToUtf8, detectToUtf8, encodingByMark, makeDecoder } from "./to-utf8.ts";

/** What a source may use of the world around it. */
export interface SourceSurroundings {
  /** Read when the path is `-`. */
  stdin?: Readable;
}

/** The header is looked for in so many bytes. */
const HEADER_BYTES = 64 * 1024;

/**
 * A spreadsheet whose header is understood. The caller closes it.
 * @param path a file, or `-` for standard input
 * @throws SourceError when the file can't be read or its header can't be used
 */
export async function openSource(
  path: string,
  options: ReadOptions = {},
  surroundings: SourceSurroundings = {},
): Promise<Source> {
  const bytes = await openBytes(path, surroundings);
  try {
    return await readSource(bytes, options);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

async function openBytes(path: string, { stdin }: SourceSurroundings): Promise<Bytes> {
  if (path !== "-") return openFile(path);
  if (stdin === undefined) throw new Error("Standard input was asked for, but not handed over.");
  return openStandardInput(stdin);
}

async function readSource(bytes: Bytes, options: ReadOptions): Promise<Source> {
  const notes: string[] = [];
  const raw = hashed(bytes.chunks);
  const { batches, shape } = await openTable(bytes.name, makePeekable(raw.chunks), options, notes);
  const { header, rest } = await takeHeader(bytes.name, batches);
  const columns = matchHeader(bytes.name, header, options.map ?? {}, notes);
  const selection = makeSelection(bytes.name, header, options);
  const readRow = makeRowReader(header, columns, shape);
  let started = false;

  return {
    name: bytes.name,
    path: bytes.path,
    header,
    notes,
    async *rows(): AsyncGenerator<SourceRow> {
      if (started) throw new Error("The rows of a source can be read once.");
      started = true;
      for await (const batch of rest) {
        // After the last row that is wanted, the file is still read for its checksum.
        if (selection.isDone()) continue;
        for (const row of batch) {
          const { cells } = row;
          if (isBlank(cells)) continue;
          for (let i = 0; i < cells.length; i++) cells[i] = undefuse(cells[i]!);
          if (selection.take(cells)) yield readRow(row);
        }
      }
    },
    sha256: raw.sha256,
    close: () => bytes.close(),
  };
}

/** The file's rows, whatever kind of file it is. */
async function openTable(
  file: string,
  chunks: Peekable,
  options: ReadOptions,
  notes: string[],
): Promise<{ batches: AsyncIterable<RawRow[]>; shape: RowShape }> {
  const head = await chunks.peek(KIND_BYTES);
  const kind = options.encoding === undefined ? detectKind(file, head) : "text";
  if (kind !== "text") throw notASpreadsheet(file, kind);
  const text = makePeekable(toUtf8(head, chunks, options.encoding, notes));
  const start = (await text.peek(HEADER_BYTES)).toString();
  const isKnown = (cell: string) => knowsHeader(cell, options.map ?? {});
  const dialect = detectDialect(start, isKnown);
  const delimiter = options.delimiter === undefined ? dialect.delimiter : parseDelimiter(options.delimiter);
  const skip = Buffer.byteLength(start.slice(0, dialect.skip));
  return { batches: readCsvRows(file, skipBytes(text, skip), delimiter), shape: { shortRows: false } };
}

function toUtf8(
  head: Buffer,
  chunks: AsyncIterable<Buffer>,
  encoding: string | undefined,
  notes: string[],
): AsyncIterable<Buffer> {
  const named = encoding ?? encodingByMark(head);
  return named === null ? detectToUtf8(chunks, notes) : decodeToUtf8(chunks, makeDecoder(named));
}

function knowsHeader(cell: string, map: Record<string, string>): boolean {
  const name = normalizeHeader(undefuse(cell));
  return FIELD_BY_NAME.has(name) || Object.keys(map).some((theirs) => normalizeHeader(theirs) === name);
}

const DELIMITER_NAMES: Record<string, string> = { comma: ",", semicolon: ";", tab: "\t", "\\t": "\t", pipe: "|" };

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

/** The first row that is not empty is the header. */
async function takeHeader(
  file: string,
  batches: AsyncIterable<RawRow[]>,
): Promise<{ header: string[]; rest: AsyncIterable<RawRow[]> }> {
  const iterator = batches[Symbol.asyncIterator]();
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) {
      throw new SourceError(
        "no_header",
        `${file}: expected a header row (for example Display_Name,Email), found only empty rows`,
        "Export the spreadsheet again, with its header row.",
      );
    }
    const at = next.value.findIndex((row) => !isBlank(row.cells));
    if (at === -1) continue;
    const header = next.value[at]!.cells.map((cell) => undefuse(cell));
    while (header.at(-1)!.trim() === "") header.pop();
    const first = next.value.slice(at + 1);
    return {
      header,
      rest: (async function* () {
        try {
          yield first;
          yield* { [Symbol.asyncIterator]: () => iterator };
        } finally {
          await iterator.return?.();
        }
      })(),
    };
  }
}

function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === "");
}
