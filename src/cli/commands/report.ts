import { statSync } from "node:fs";
import { resolve } from "node:path";
import {
  formatOfName,
  REPORT_FORMATS,
  renderReport,
  renderReportFile,
  type ReportFormat,
} from "../../report/render-report.ts";
import { writeReport } from "../../report/write-report.ts";
import { findRun } from "../../runs/control.ts";
import { viewOf } from "../../runs/view.ts";
import { VERSION } from "../../version.ts";
import { makeCommand, UsageError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { withSession } from "../session.ts";

/** Endings that people ask for and a report is not written in. */
const OF_OTHER_PROGRAMS = /\.(?:xlsx?|ods|pdf|txt|tsv|docx?)$/i;

interface ReportFlags {
  format?: string;
  out?: string;
}

export const reportCommand = makeCommand<ReportFlags>({
  usage: "report [run]",
  summary: "how every row of a run ended, as files",
  examples: [
    ["bulkpatch report brave-otter", "the whole folder, written again"],
    ["bulkpatch report brave-otter --out people.html", "one file; its ending says the format"],
    ["bulkpatch report brave-otter --format failed > failed.csv", "to standard output"],
  ],
  options: (command) =>
    command
      .option("--format <format>", `${REPORT_FORMATS.join(", ")} (default: the whole folder)`)
      .option(
        "--out <path>",
        "a file that ends in .csv, .json or .html, or a folder for all of them (default: standard output, or the run's report folder)",
      ),
  needsApi: false,
  run: async ([id], { flags, config, terminal }) => {
    const format = formatOf(flags);
    await withSession(config, terminal, async ({ backend }) => {
      const run = await findRun(backend, id);
      const rows = (): ReturnType<typeof backend.rows.all> => backend.rows.all(run.id);
      if (format === null) {
        const { dir, files } = await writeReport({
          run,
          rows,
          dir: resolve(flags.out ?? run.reportDir ?? `bulkpatch-reports/${run.id}`),
          version: VERSION,
        });
        for (const file of files) terminal.print(`${dir}/${file}`);
        terminal.printJson({ ...viewOf(run), report_dir: dir, files });
      } else if (flags.out === undefined) {
        await renderReport(format, { run, rows, out: process.stdout, version: VERSION });
      } else {
        const { rows: written } = await renderReportFile(format, { run, rows, file: flags.out, version: VERSION });
        if (written === 0) terminal.note(`There is nothing to say in it: ${flags.out} has no rows.`);
        terminal.print(flags.out);
      }
    });
    return EXIT.done;
  },
});

/** Null: the whole folder. */
function formatOf({ format, out }: ReportFlags): ReportFormat | null {
  if (format !== undefined) {
    if (isFormat(format)) return format;
    throw new UsageError(
      `--format: expected one of ${REPORT_FORMATS.join(", ")}, found "${format}"`,
      "leave it out for the whole folder",
    );
  }
  if (out === undefined || statSync(out, { throwIfNoEntry: false })?.isDirectory()) return null;
  const named = formatOfName(out);
  if (named === null && OF_OTHER_PROGRAMS.test(out)) {
    throw new UsageError(
      `--out: expected a file that ends in .csv, .json or .html, or a folder, found "${out}"`,
      "spreadsheet programs open the .csv as it is; print the .html for a PDF",
    );
  }
  return named;
}

function isFormat(text: string): text is ReportFormat {
  return (REPORT_FORMATS as readonly string[]).includes(text);
}
