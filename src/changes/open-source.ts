import type { Readable } from "node:stream";
import type { SourceRow } from "./change.ts";
import { undefuse } from "./defuse.ts";
import { type Bytes, hashed, openFile, openStandardInput } from "./file-bytes.ts";
import { matchHeader } from "./header.ts";
import { type DownloadLimits, openHttps } from "./https-bytes.ts";
import { isPublicAddress } from "./public-address.ts";
import { isReport, makeReportRows, REPORT_CELLS } from "./report-file.ts";
import { makeRowReader, type RawRow } from "./row-reader.ts";
import { makeSelection } from "./selection.ts";
import { type ReadOptions, type Source, SourceError } from "./source.ts";
import { openTable } from "./table.ts";

/** What a source may use of the world around it. */
export interface SourceSurroundings {
  /** Read when the path is `-`. */
  stdin?: Readable;
  /** Certificate authorities (PEM) to trust for https addresses instead of the system's. */
  ca?: string;
  downloadLimits?: Partial<DownloadLimits>;
}

/**
 * A spreadsheet whose header is understood. The caller closes it.
 * @param path a file, `-` for standard input, or an https:// address
 * @throws SourceError when the file can't be read or its header can't be used
 */
export async function openSource(
  path: string,
  options: ReadOptions = {},
  surroundings: SourceSurroundings = {},
): Promise<Source> {
  const bytes = await openBytes(path, options, surroundings);
  try {
    return await readSource(bytes, options);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

function openBytes(
  path: string,
  options: ReadOptions,
  { stdin, ca, downloadLimits }: SourceSurroundings,
): Promise<Bytes> {
  if (/^https?:\/\//i.test(path)) {
    const isAllowed = options.allowPrivateAddress === true ? () => true : isPublicAddress;
    return openHttps(path, { isAllowed, ca, limits: downloadLimits });
  }
  if (path !== "-") return openFile(path);
  if (stdin === undefined) throw new Error("Standard input was asked for, but not handed over.");
  return Promise.resolve(openStandardInput(stdin));
}

async function readSource(bytes: Bytes, options: ReadOptions): Promise<Source> {
  const notes: string[] = [];
  const file = bytes.name;
  const { chunks, finish, sha256 } = hashed(bytes.chunks);
  const { batches, shape } = await openTable(file, chunks, options, notes);
  const { header: firstRow, rest } = await takeHeader(file, batches);
  const report = isReport(firstRow) ? makeReportRows() : null;
  if (report) notes.push("This is the report of an earlier run: only rows that are still to be done are read.");
  const header = report ? firstRow.slice(REPORT_CELLS) : firstRow;
  const columns = matchHeader(file, header, options.map ?? {}, notes);
  const selection = makeSelection(file, header, options);
  const reader = makeRowReader(header, columns, shape);
  let started = false;

  async function* rows(): AsyncGenerator<SourceRow> {
    if (started) throw new Error("The rows of a source can be read once.");
    started = true;
    for await (const batch of rest) {
      for (const raw of batch) {
        const cells = report ? raw.cells.slice(REPORT_CELLS) : raw.cells;
        for (let i = 0; i < cells.length; i++) cells[i] = undefuse(cells[i]!);
        if (isBlank(cells) || (report && !report.isOutstanding(raw.cells))) continue;
        if (selection.take(cells)) yield reader.read({ row: raw.row, cells });
      }
      if (selection.isDone()) break;
    }
    await finish();
    for (const note of [report?.leftOut() ?? null, reader.doubts()]) if (note !== null) notes.push(note);
  }

  return { name: file, path: bytes.path, header, notes, rows, sha256, close: () => bytes.close() };
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
    return { header, rest: continued(next.value.slice(at + 1), iterator) };
  }
}

async function* continued(first: RawRow[], iterator: AsyncIterator<RawRow[]>): AsyncGenerator<RawRow[]> {
  try {
    yield first;
    yield* { [Symbol.asyncIterator]: () => iterator };
  } finally {
    await iterator.return?.();
  }
}

function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === "");
}
