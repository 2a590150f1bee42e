import { join } from "node:path";
import type { Run, RunRow } from "../runs/run.ts";
import { byDirectory, directorySyncedSheet } from "./directory-synced-csv.ts";
import { failedSheet } from "./failed-csv.ts";
import { renderPage } from "./page/page.ts";
import { reportSheet } from "./report-csv.ts";
import {
  PendingFiles,
  prepareFolder,
  removeStale,
  REPORT_FILES,
  type ReportFile,
  writeLater,
} from "./report-folder.ts";
import { SheetFile } from "./sheet-file.ts";
import { summarise } from "./summary.ts";
import { RowStatistics } from "./row-statistics.ts";
import { undoSheet } from "./undo-csv.ts";

export interface WriteReportOptions {
  run: Run;
  /** The run's rows in their order; called once, and once more for each directory that refused rows. */
  rows: () => AsyncIterable<RunRow>;
  /** Made where it is missing. */
  dir: string;
  /** Of bulkpatch; said at the page's foot. */
  version: string;
  /** Epoch milliseconds; default `Date.now`. */
  now?: () => number;
}

/** A report that is on disk. */
export interface WrittenReport {
  dir: string;
  /** Names of the files that make up the report, report.csv first. */
  files: ReportFile[];
}

/**
 * Writes a run's report folder: report.csv, summary.json and report.html, and, where there is something to say, failed.csv,
 * directory-synced.csv and undo.csv. Works for a run that is not over, too. Every file appears whole or not at all; those of an
 * earlier rendering are replaced, and removed where there is nothing to say any more; other files in the folder are left alone.
 * Memory does not grow with the rows. Throws RequestError `report_not_written` where the disk refuses, and whatever `rows` throws.
 */
export async function writeReport({
  run,
  rows,
  dir,
  version,
  now = Date.now,
}: WriteReportOptions): Promise<WrittenReport> {
  const remedy = writeLater(run.id);
  await prepareFolder(dir, remedy);
  const pending = new PendingFiles(remedy);
  const written = new Set<ReportFile>();
  const create = (file: ReportFile) => {
    written.add(file);
    return pending.create(join(dir, file));
  };
  try {
    const statistics = new RowStatistics(run);
    const report = new SheetFile(reportSheet(run), () => create("report.csv"));
    const failed = new SheetFile(failedSheet(run), () => create("failed.csv"));
    const undo = new SheetFile(undoSheet(run), () => create("undo.csv"));
    await report.begin();
    for await (const row of rows()) {
      statistics.add(row);
      await report.add(row);
      await failed.add(row);
      await undo.add(row);
    }
    const synced = new SheetFile(directorySyncedSheet(run), () => create("directory-synced.csv"));
    for await (const row of byDirectory(rows, statistics.provenances)) await synced.add(row);
    for (const sheet of [report, failed, undo, synced]) await sheet.finish();

    const summary = create("summary.json");
    await summary.write(`${JSON.stringify(summarise(run, statistics), null, 2)}\n`);
    await summary.flush();
    const page = create("report.html");
    const files = REPORT_FILES.filter((file) => written.has(file));
    for (const piece of renderPage({ run, statistics, files, version, now: now() })) await page.write(piece);
    await page.flush();

    await pending.publish();
    await removeStale(dir, files, remedy);
    return { dir, files };
  } finally {
    await pending.discard();
  }
}
