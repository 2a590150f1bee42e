import { ENTRY_COLUMNS, makeEntryCells } from "../../changes/entry-cells.ts";
import { describeOdd } from "../../registry/entry.ts";
import { CsvWriter, renderCsv } from "../../report/csv-writer.ts";
import { assertFree, writePrivateFile } from "../../report/private-file.ts";
import { TextWriter } from "../../report/text-writer.ts";
import { countOf, formatCount } from "../../wording.ts";
import { renderWorkbook } from "../../report/xlsx-workbook.ts";
import { EXIT } from "../exit-codes.ts";
import { openLightSession, registryOf } from "../session.ts";
import { listenForStop } from "../signals.ts";
import type { exportUsage } from "../usage/export.ts";
import type { Work } from "../usage.ts";

export const doExport: Work<typeof exportUsage> = async ({ out }, { config, terminal }) => {
  if (out !== null) await assertFree(out.path, out);
  const session = await openLightSession(config, terminal);
  const stop = listenForStop(terminal, "Stopping.");
  const client = (await registryOf(session)).connect(undefined, { urgent: true });
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

    if (out === null && !terminal.json) await printCsv(rows);
    else if (out !== null) {
      const pieces = out.form === "xlsx" ? [renderWorkbook(ENTRY_COLUMNS, rows)] : renderCsv(withHeader(rows));
      await writePrivateFile(out.path, out, pieces);
    }
    terminal.note(`Exported ${countOf(rows.length, "entry", "entries")}${out === null ? "" : ` to ${out.path}`}.`);
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
      out: out?.path ?? null,
      columns: ENTRY_COLUMNS,
      ...(out === null && { rows }),
    });
    return EXIT.done;
  } finally {
    stop.release();
    await client.close();
    await session.close();
  }
};

async function* withHeader(rows: readonly string[][]): AsyncGenerator<string[]> {
  yield [...ENTRY_COLUMNS];
  yield* rows;
}

async function printCsv(rows: readonly string[][]): Promise<void> {
  const csv = await CsvWriter.open(new TextWriter(process.stdout), ENTRY_COLUMNS);
  for (const cells of rows) await csv.write(cells);
  await csv.finish();
}
