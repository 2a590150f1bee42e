import { dirname, resolve } from "node:path";
import type { Writable } from "node:stream";
import type { Run, RunRow } from "../runs/run.ts";
import { byDirectory, directorySyncedSheet } from "./directory-synced-csv.ts";
import { failedSheet } from "./failed-csv.ts";
import { makePrivateFolder } from "./file-modes.ts";
import { renderPage } from "./page/page.ts";
import { notWritten, PendingFiles, writeLater } from "./report-folder.ts";
import { reportSheet } from "./report-csv.ts";
import type { ReportFormat } from "./report-format.ts";
import type { Sheet } from "./sheet.ts";
import { SheetFile } from "./sheet-file.ts";
import { summarise } from "./summary.ts";
import { RowStatistics } from "./row-statistics.ts";
import { TextWriter } from "./text-writer.ts";
import { undoSheet } from "./undo-csv.ts";

export interface RenderOptions {
  run: Run;
  /** The run's rows in their order; called once, for `directory-synced` more often. */
  rows: () => AsyncIterable<RunRow>;
  /** Of bulkpatch; said at the page's foot. */
  version: string;
  /** Epoch milliseconds; default `Date.now`. */
  now?: () => number;
}

/** What was rendered. */
export interface Rendered {
  /** Rows in a CSV form, the header not counted; 0 says that there was nothing to put into it. In `json` and `html`: the run's rows. */
  rows: number;
}

/**
 * Renders one form of a run's report into a stream, with back-pressure, and leaves the stream open. A CSV form that has no row
 * still has its header. `json` is the document of summary.json. Throws what the stream and `rows` throw.
 */
export async function renderReport(
  format: ReportFormat,
  { out, ...options }: RenderOptions & { out: Writable },
): Promise<Rendered> {
  return await render(format, options, new TextWriter(out));
}

/** As `renderReport`, into a file that appears whole or not at all; its folder is made. Throws RequestError `report_not_written`. */
export async function renderReportFile(
  format: ReportFormat,
  { file, ...options }: RenderOptions & { file: string },
): Promise<Rendered> {
  const path = resolve(file);
  const remedy = writeLater(options.run.id);
  const pending = new PendingFiles(remedy);
  try {
    await makePrivateFolder(dirname(path)).catch((error: unknown) => {
      throw notWritten(path, error, remedy);
    });
    const rendered = await render(format, options, pending.create(path));
    await pending.publish();
    return rendered;
  } finally {
    await pending.discard();
  }
}

/** The forms that are CSV. */
const SHEETS: Record<Exclude<ReportFormat, "json" | "html">, (run: Run) => Sheet> = {
  csv: reportSheet,
  failed: failedSheet,
  "directory-synced": directorySyncedSheet,
  undo: undoSheet,
};

async function render(format: ReportFormat, options: RenderOptions, text: TextWriter): Promise<Rendered> {
  if (format === "json") return await renderJson(options, text);
  if (format === "html") return await renderHtml(options, text);
  const { run, rows } = options;
  return await renderSheet(SHEETS[format](run), format === "directory-synced" ? byDirectory(rows) : rows(), text);
}

async function renderJson(options: RenderOptions, text: TextWriter): Promise<Rendered> {
  const statistics = await statisticsOf(options);
  await text.write(`${JSON.stringify(summarise(options.run, statistics), null, 2)}\n`);
  await text.flush();
  return { rows: statistics.rows };
}

async function renderSheet(sheet: Sheet, rows: AsyncIterable<RunRow>, text: TextWriter): Promise<Rendered> {
  const file = new SheetFile(sheet, () => text);
  await file.begin();
  for await (const row of rows) await file.add(row);
  await file.finish();
  return { rows: file.rows };
}

async function renderHtml(options: RenderOptions, text: TextWriter): Promise<Rendered> {
  const { run, version, now = Date.now } = options;
  const statistics = await statisticsOf(options);
  for (const piece of renderPage({ run, statistics, files: [], version, now: now() })) await text.write(piece);
  await text.flush();
  return { rows: statistics.rows };
}

async function statisticsOf({ run, rows }: RenderOptions): Promise<RowStatistics> {
  const statistics = new RowStatistics(run);
  for await (const row of rows()) statistics.add(row);
  return statistics;
}
