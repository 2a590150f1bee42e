import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { finished } from "node:stream/promises";
import type { Writable } from "node:stream";
import { ENTRY_COLUMNS, makeEntryCells } from "../../changes/entry-cells.ts";
import { describeOdd } from "../../registry/entry.ts";
import { RequestError } from "../../explained-error.ts";
import { CsvWriter } from "../../report/csv-writer.ts";
import { TextWriter } from "../../report/text-writer.ts";
import { countOf, formatCount } from "../../wording.ts";
import { renderWorkbook } from "../../report/xlsx-workbook.ts";
import { makeCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { openLightSession, registryOf } from "../session.ts";
import { listenForStop } from "../signals.ts";

export const exportCommand = makeCommand<{ out?: string }>({
  usage: "export",
  summary: "the live registry as a spreadsheet, ready to edit and run",
  examples: [
    ["bulkpatch export --out registry.xlsx", "for Excel, in any locale"],
    ["bulkpatch export --out registry.csv", "UTF-8 with commas, for programs, Google Sheets and LibreOffice"],
    ["bulkpatch export > registry.csv", "to standard output"],
  ],
  options: (command) =>
    command.option("--out <file>", "a name that ends in .xlsx or .csv (default: CSV to standard output)"),
  needsApi: true,
  run: async (_args, { flags, config, terminal }) => {
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

      const { out } = flags;
      if (out === undefined && !terminal.json) await writeCsv(process.stdout, rows);
      else if (out !== undefined) await writeOut(out, rows);
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

async function writeOut(path: string, rows: string[][]): Promise<void> {
  try {
    if (/\.xlsx$/i.test(path)) return await writeFile(path, renderWorkbook(ENTRY_COLUMNS, rows));
    const file = createWriteStream(path);
    await Promise.all([finished(file), writeCsv(file, rows).then(() => file.end())]);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RequestError(
      "export_not_written",
      `${path} can't be written (${code ?? message})`,
      "name a file in a folder that you may write to",
    );
  }
}

async function writeCsv(out: Writable, rows: string[][]): Promise<void> {
  const csv = await CsvWriter.open(new TextWriter(out), ENTRY_COLUMNS);
  for (const cells of rows) await csv.write(cells);
  await csv.finish();
}
