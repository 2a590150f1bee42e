import { statSync } from "node:fs";
import { formatOfName, REPORT_FORMATS, type ReportFormat } from "../../report/report-format.ts";
import { defineUsage } from "../usage.ts";
import { UsageError } from "../usage-error.ts";
/** Endings that people ask for and a report is not written in. */
const OF_OTHER_PROGRAMS = /\.(?:xlsx?|ods|pdf|txt|tsv|docx?)$/i;

interface ReportFlags {
  format?: string;
  out?: string;
}

export const reportUsage = defineUsage({
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
  read: ([id], flags: ReportFlags) => ({ id, format: formatOf(flags), out: flags.out }),
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
