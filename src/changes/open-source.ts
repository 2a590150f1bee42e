import type { Readable } from "node:stream";
import { show } from "./cells/show.ts";
import type { SourceRow } from "./change.ts";
import { undefuse } from "./defuse.ts";
import { eachOf } from "./each-of.ts";
import { type Bytes, hashed, openFile, openStandardInput } from "./file-bytes.ts";
import { isBlank } from "./find-header.ts";
import { matchHeader } from "./header.ts";
import type { DownloadLimits } from "./https-bytes.ts";
import { isPublicAddress } from "./public-address.ts";
import { noRows } from "./no-rows.ts";
import { assertNoSyncedList, isReport, makeReportRows, ownHeader, REPORT_CELLS, undoNote } from "./report-file.ts";
import { makeRowReader } from "./row-reader.ts";
import { makeSelection } from "./selection.ts";
import { type ReadOptions, type Source, SourceError } from "./source.ts";
import type { ProxySettings } from "../proxy.ts";
import { openTable, type Table } from "./table.ts";
import { takeHeader } from "./take-header.ts";

/** Sheets that a message names. */
const MOST_SHEETS = 10;

/** What a source may use of the world around it. */
export interface SourceSurroundings {
  /** Read when the path is `-`. */
  stdin?: Readable;
  /** Certificate authorities (PEM) to trust for https addresses instead of the system's. */
  ca?: string;
  downloadLimits?: Partial<DownloadLimits>;
  /** For https addresses; default: none. */
  proxy?: ProxySettings;
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

async function openBytes(
  path: string,
  options: ReadOptions,
  { stdin, ca, downloadLimits, proxy }: SourceSurroundings,
): Promise<Bytes> {
  if (/^https?:\/\//i.test(path)) {
    const isAllowed = options.allowPrivateAddress === true ? () => true : isPublicAddress;
    const { openHttps } = await import("./https-bytes.ts");
    return openHttps(path, { isAllowed, ca, limits: downloadLimits, proxy });
  }
  if (path !== "-") return openFile(path);
  if (stdin === undefined) throw new Error("Standard input was asked for, but not handed over.");
  return openStandardInput(stdin);
}

async function readSource(bytes: Bytes, options: ReadOptions): Promise<Source> {
  const notes: string[] = [];
  const file = bytes.name;
  const { chunks, finish, sha256 } = hashed(bytes.chunks);
  const { batches, shape, sheets } = await openTable(file, chunks, options, notes);
  const { header: headerCells, row: headerRow, rest } = await takeHeader(file, batches, options, notes);
  const report = isReport(headerCells) ? makeReportRows() : null;
  if (report) notes.push("This is the report of an earlier run: only rows that are still to be done are read.");
  assertNoSyncedList(file, headerCells);
  const header = report ? ownHeader(headerCells) : headerCells;
  const undo = undoNote(header);
  if (undo !== null) notes.push(undo);
  const columns = nameSheets(sheets, () => matchHeader(file, header, options.map ?? {}, notes, headerRow));
  const selection = makeSelection(file, header, options);
  const reader = makeRowReader(header, columns, shape);
  let started = false;

  async function* batchesOfRows(): AsyncGenerator<SourceRow[]> {
    if (started) throw new Error("The rows of a source can be read once.");
    started = true;
    let found = 0;
    let taken = 0;
    for await (const batch of rest) {
      const read: SourceRow[] = [];
      for (const raw of batch) {
        const cells = report ? raw.cells.slice(REPORT_CELLS) : raw.cells;
        for (let i = 0; i < cells.length; i++) cells[i] = undefuse(cells[i]!);
        if (isBlank(cells)) continue;
        found++;
        if ((report && !report.isOutstanding(raw.cells)) || !selection.take(cells)) continue;
        taken++;
        read.push(reader.read({ row: raw.row, cells }));
      }
      yield read;
      if (selection.isDone()) break;
    }
    if (taken === 0) throw noRows(file, { headerRow, rows: found, done: report?.done() ?? 0 });
    await finish();
    const leftOut = report?.leftOut() ?? null;
    if (leftOut !== null) notes.push(leftOut);
    notes.push(...reader.notes());
  }

  return {
    name: file,
    path: bytes.path,
    header,
    notes,
    rows: () => eachOf(batchesOfRows()),
    sha256,
    close: () => bytes.close(),
  };
}

/** Where a workbook's sheet has not the columns, says which other sheets there are. */
function nameSheets<T>(sheets: Table["sheets"], match: () => T): T {
  try {
    return match();
  } catch (error) {
    if (!(error instanceof SourceError) || sheets === undefined || sheets.others.length === 0) throw error;
    const others = sheets.others.slice(0, MOST_SHEETS).map((name) => show(name));
    const more = sheets.others.length > MOST_SHEETS ? ` and ${sheets.others.length - MOST_SHEETS} more` : "";
    throw new SourceError(
      error.code,
      error.message,
      `${error.remedy} That was sheet ${show(sheets.read)}; the others are ${others.join(", ")}${more}, to be chosen by --sheet.`,
    );
  }
}
