import { show } from "./cells/show.ts";
import { normalizeHeader } from "./columns.ts";
import { SourceError, type ReadOptions } from "./source.ts";

/** Which data rows are read: `where` first, then `skip` of those, then at most `limit`. */
export interface Selection {
  take(cells: readonly string[]): boolean;
  /** True once no further row can be taken. */
  isDone(): boolean;
}

/** @throws SourceError `where_unknown_column` */
export function makeSelection(
  file: string,
  header: readonly string[],
  { where = {}, skip = 0, limit = Infinity }: Pick<ReadOptions, "where" | "skip" | "limit">,
): Selection {
  const conditions = Object.entries(where).map(([column, value]) => ({
    index: findColumn(file, header, column),
    value: value.trim().toLowerCase(),
  }));
  let skipped = 0;
  let taken = 0;
  return {
    take(cells) {
      if (!conditions.every(({ index, value }) => (cells[index] ?? "").trim().toLowerCase() === value)) return false;
      if (skipped < skip) {
        skipped++;
        return false;
      }
      if (taken >= limit) return false;
      taken++;
      return true;
    },
    isDone: () => taken >= limit,
  };
}

function findColumn(file: string, header: readonly string[], column: string): number {
  const exact = header.indexOf(column);
  if (exact >= 0) return exact;
  const index = header.findIndex((text) => normalizeHeader(text) === normalizeHeader(column));
  if (index >= 0) return index;
  throw new SourceError(
    "where_unknown_column",
    `${file}: expected a column ${show(column)}, as --where says, found ${header
      .slice(0, 20)
      .map((text) => show(text))
      .join(", ")}`,
    "Correct --where to one of the columns found.",
  );
}
