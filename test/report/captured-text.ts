import { Writable } from "node:stream";
import { parse } from "csv-parse/sync";
import { type RenderOptions, renderReport } from "../../src/report/render-report.ts";
import type { ReportFormat } from "../../src/report/report-format.ts";
import type { Run, RunRow } from "../../src/runs/run.ts";
import { START, streamOf } from "./sample-run.ts";

/** A stream that keeps what is written into it. */
export function captureText(): { out: Writable; text: () => string } {
  const pieces: Buffer[] = [];
  const out = new Writable({ write: (chunk: Buffer, _encoding, done) => (pieces.push(chunk), done()) });
  return { out, text: () => Buffer.concat(pieces).toString() };
}

/** One form of a run's report as text. */
export async function renderText(
  format: ReportFormat,
  run: Run,
  rows: Iterable<RunRow>,
  options: Partial<RenderOptions> = {},
): Promise<string> {
  const { out, text } = captureText();
  await renderReport(format, {
    run,
    rows: streamOf(rows),
    out,
    version: "0.1.0",
    now: () => START + 600_000,
    ...options,
  });
  return text();
}

/** A CSV's records as a program reads them that ends a record at any line break outside quotes; the header first. */
export function readCsv(csv: string): string[][] {
  return parse(csv, { bom: true, record_delimiter: ["\r\n", "\n", "\r"], relax_column_count: true });
}
