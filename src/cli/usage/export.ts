import { outFileOf, type OutFlags } from "../out-file.ts";
import { defineUsage } from "../usage.ts";

export const exportUsage = defineUsage({
  usage: "export",
  summary: "the live registry as a spreadsheet, ready to edit and run",
  examples: [
    ["bulkpatch export --out registry.xlsx", "for Excel, in any locale"],
    ["bulkpatch export --out registry.csv", "UTF-8 with commas, for programs, Google Sheets and LibreOffice"],
    ["bulkpatch export > registry.csv", "to standard output"],
  ],
  options: (command) =>
    command
      .option("--out <file>", "a name that ends in .xlsx or .csv (default: CSV to standard output)")
      .option("--force", "replace the file of --out"),
  needsApi: true,
  read: (_args, flags: OutFlags) => ({ out: outFileOf(flags, ["xlsx", "csv"], "registry.xlsx") }),
});
