import { countOf } from "../wording.ts";
import { show } from "./cells/show.ts";
import { undefuse } from "./defuse.ts";
import { findHeader, isBlank, ROWS_LOOKED_AT } from "./find-header.ts";
import type { RawRow } from "./row-reader.ts";
import { type ReadOptions, SourceError } from "./source.ts";

/** A spreadsheet's header, and the rows below it. */
export interface TakenHeader {
  header: string[];
  /** Its number. */
  row: number;
  rest: AsyncIterable<RawRow[]>;
}

/**
 * Finds the header, by itself or in the row that `headerRow` says. Rows above it are left out.
 * @param notes gets a sentence where the header is not the first row that has something in it
 * @throws SourceError `no_header`, `header_row_empty`
 */
export async function takeHeader(
  file: string,
  batches: AsyncIterable<RawRow[]>,
  options: ReadOptions,
  notes: string[],
): Promise<TakenHeader> {
  const iterator = batches[Symbol.asyncIterator]();
  const rows: RawRow[] = [];
  const last = Math.max(ROWS_LOOKED_AT, options.headerRow ?? 0);
  while ((rows.at(-1)?.row ?? 0) < last) {
    const next = await iterator.next();
    if (next.done === true) break;
    for (const row of next.value) rows.push(row);
  }
  const found = findHeader(rows, options);
  if (found === null) throw noHeader(file, rows, options.headerRow);
  const at = rows.findIndex(({ row }) => row === found.row);
  const header = rows[at]!.cells.map((cell) => undefuse(cell));
  while (header.at(-1)!.trim() === "") header.pop();
  const above = rows.slice(0, at).filter(({ cells }) => !isBlank(cells)).length;
  if (above > 0 && options.headerRow === undefined)
    notes.push(
      `Found the header in row ${found.row} (${shown(header)}); ${above === 1 ? "the row" : `the ${above} rows`} above it ${above === 1 ? "is" : "are"} not read. Use --header-row for another.`,
    );
  return { header, row: found.row, rest: continued(rows.slice(at + 1), iterator) };
}

async function* continued(first: RawRow[], iterator: AsyncIterator<RawRow[]>): AsyncGenerator<RawRow[]> {
  try {
    yield first;
    yield* { [Symbol.asyncIterator]: () => iterator };
  } finally {
    await iterator.return?.();
  }
}

function shown(header: readonly string[]): string {
  const filled = header.filter((cell) => cell.trim() !== "");
  return (
    filled
      .slice(0, 3)
      .map((cell) => show(cell))
      .join(", ") + (filled.length > 3 ? ", …" : "")
  );
}

function noHeader(file: string, rows: readonly RawRow[], headerRow: number | undefined): SourceError {
  if (headerRow !== undefined && rows.some(({ cells }) => !isBlank(cells))) {
    const filled = rows.filter(({ cells }) => !isBlank(cells)).map(({ row }) => row);
    return new SourceError(
      "header_row_empty",
      `${file}: expected the header in row ${headerRow}, as --header-row says, found ${headerRow > filled.at(-1)! ? `only ${countOf(filled.at(-1)!, "row")}` : "an empty row"}`,
      "Correct --header-row, or leave it out: the header is found by itself where one of the first twenty rows plainly is it.",
    );
  }
  return new SourceError(
    "no_header",
    `${file}: expected a header row (for example Display_Name,Email), found only empty rows`,
    "Export the spreadsheet again, with its header row.",
  );
}
