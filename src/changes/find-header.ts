import { FIELD_BY_NAME, FINDING_FIELDS, type Field, normalizeHeader } from "./columns.ts";
import { guessColumn } from "./guessed-columns.ts";
import type { RawRow } from "./row-reader.ts";
import type { ReadOptions } from "./source.ts";

/** The header is looked for in the rows up to this one. */
const LAST_HEADER_ROW = 20;
/** Rows that are looked at: the header's, and some below that may be its data. */
export const ROWS_LOOKED_AT = 40;

/** The least rank of a row that has a column that finds an entry. */
export const HAS_FINDING_COLUMN = 100;
/** What is added where values of such a column stand below it. */
const HAS_VALUES = 1000;

/** A row that may be the header. */
export interface HeaderCandidate {
  /** Its number. */
  row: number;
  /** How much speaks for it; 0 when nothing does. More is better, also between the sheets of a workbook. */
  rank: number;
}

/**
 * The row that most looks like the header: it has columns that find an entry, has values of theirs below it, has most known columns; the first of
 * those that are equal. Where data of one candidate has begun, no later row is looked at.
 * @param rows the first ones of a spreadsheet, those up to ROWS_LOOKED_AT at least
 * @returns the first row that is not empty, with rank 0, where no row has a known column; null where all are empty, or the row that
 * `headerRow` asks for is
 */
export function findHeader(
  rows: readonly RawRow[],
  { map = {}, headerRow }: Pick<ReadOptions, "map" | "headerRow">,
): HeaderCandidate | null {
  const fieldOf = makeFieldOf(map);
  const filled = rows.filter(({ cells }) => !isBlank(cells));
  let best: (HeaderCandidate & { finding: number[] }) | null = null;
  for (const { row, cells } of filled) {
    if (best !== null && best.finding.some((index) => isKey(cells[index] ?? ""))) {
      return { row: best.row, rank: best.rank + HAS_VALUES };
    }
    const isAllowed = headerRow === undefined ? row <= LAST_HEADER_ROW : row === headerRow;
    if (!isAllowed || cells.some((cell) => cell.includes("@"))) continue;
    const fields = cells.map(fieldOf);
    const finding = fields.flatMap((field, index) =>
      (FINDING_FIELDS as readonly unknown[]).includes(field) ? index : [],
    );
    const rank =
      new Set(fields.filter((field) => field !== undefined)).size + (finding.length > 0 ? HAS_FINDING_COLUMN : 0);
    if (rank > (best?.rank ?? 0)) best = { row, rank, finding };
  }
  if (best !== null) return { row: best.row, rank: best.rank };
  const first = filled.find(({ row }) => headerRow === undefined || row === headerRow);
  return first === undefined ? null : { row: first.row, rank: 0 };
}

/** No cell says anything. */
export function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === "");
}

/** The field that a header cell names, by itself, by `map`, or by a guess. */
export function makeFieldOf(map: Record<string, string>): (cell: string) => Field | undefined {
  const mapped = new Map(
    Object.entries(map).map(([theirs, field]) => [normalizeHeader(theirs), FIELD_BY_NAME.get(normalizeHeader(field))]),
  );
  return (cell) => {
    const name = normalizeHeader(cell);
    return mapped.get(name) ?? FIELD_BY_NAME.get(name) ?? guessColumn(cell)?.field;
  };
}

/** An address or an id, which stand below a header. */
function isKey(cell: string): boolean {
  return cell.includes("@") || /^\s*[\da-f]{8}-[\da-f]{4}-/i.test(cell);
}
