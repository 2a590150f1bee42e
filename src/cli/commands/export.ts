import { ENTRY_COLUMNS, makeEntryCells } from "../../changes/entry-cells.ts";
import { describeOdd } from "../../registry/entry.ts";
import { CsvWriter, renderCsv } from "../../report/csv-writer.ts";
import { assertFree, writePrivateFile } from "../../report/private-file.ts";
import { TextWriter } from "../../report/text-writer.ts";
import { countOf, formatCount } from "../../wording.ts";
import { renderWorkbook } from "../../report/xlsx-workbook.ts";
import { makeCommand, UsageError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { openLightSession, registryOf } from "../session.ts";
import { listenForStop } from "../signals.ts";

export const exportCommand = makeCommand<{ out?: string; force?: boolean }>({
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
  run: async (_args, { flags, config, terminal }) => {
    const { out } = flags;
    const form = out === undefined ? null : await exportFormOf(out, flags.force === true);
    const session = await openLightSession(config, terminal);
    const stop = listenForStop(terminal, "Stopping.");
    const client = registryOf(session).connect(undefined, { urgent: true });
    try {
      const { cellsOf, leftOut } = makeEntryCells();
      const rows: string[][] = [];
      const listing = client.list({
        signal: stop.signal,
        onProgress: ({ entries, total }) =>
          terminal.redraw(
            `listing the registry: ${formatCount(entries)}${total === null ? "" : ` of ${formatCount(total)}`} entries`,
          ),
      });
      const odd: string[] = [];
      for await (const entry of listing) {
        rows.push(cellsOf(entry));
        if (entry.odd) odd.push(`${entry.id} (${entry.odd.map(describeOdd).join("; ")})`);
      }

      if (out === undefined && !terminal.json) await printCsv(rows);
      else if (out !== undefined) {
        const pieces = form === "xlsx" ? [renderWorkbook(ENTRY_COLUMNS, rows)] : renderCsv(withHeader(rows));
        await writePrivateFile(out, { force: flags.force === true }, pieces);
      }
      terminal.note(`Exported ${countOf(rows.length, "entry", "entries")}${out === undefined ? "" : ` to ${out}`}.`);
      for (const text of odd.slice(0, 3)) terminal.note(`An entry can't be read in every field: ${text}.`);
      if (odd.length > 3) terminal.note(`So are ${formatCount(odd.length - 3)} more.`);
      if (leftOut() > 0) {
        terminal.note(
          `${countOf(leftOut(), "value")} can't be written as a cell that reads back the same, and ${leftOut() === 1 ? "is" : "are"} left empty, which changes nothing.`,
        );
      }
      terminal.printJson({
        entries: rows.length,
        left_out: leftOut(),
        out: out ?? null,
        columns: ENTRY_COLUMNS,
        ...(out === undefined && { rows }),
      });
      return EXIT.done;
    } finally {
      stop.release();
      await client.close();
      await session.close();
    }
  },
});

/** The form that the file's ending asks for. Throws before any request where it can't be written like this. */
async function exportFormOf(path: string, force: boolean): Promise<"csv" | "xlsx"> {
  const ending = /\.(csv|xlsx)$/i.exec(path)?.[1]?.toLowerCase() as "csv" | "xlsx" | undefined;
  if (ending === undefined) {
    throw new UsageError(
      `--out: expected a file that ends in .xlsx or .csv, found "${path}"`,
      "write it like --out registry.xlsx",
    );
  }
  await assertFree(path, { force });
  return ending;
}

async function* withHeader(rows: readonly string[][]): AsyncGenerator<string[]> {
  yield [...ENTRY_COLUMNS];
  yield* rows;
}

async function printCsv(rows: readonly string[][]): Promise<void> {
  const csv = await CsvWriter.open(new TextWriter(process.stdout), ENTRY_COLUMNS);
  for (const cells of rows) await csv.write(cells);
  await csv.finish();
}
