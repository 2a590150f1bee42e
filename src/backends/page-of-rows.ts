import type { RowFilter, RowPage } from "../runs/row-store.ts";
import type { RunRow } from "../runs/run.ts";
import { decodeRow } from "./row-codec.ts";
import { markOfCode } from "./row-groups.ts";

/** Rows looked at for one page: enough for a search to get on, few enough to be answered at once. */
const MOST_SCANNED = 5_000;
/** Rows read in one step where all are wanted. */
const ALL_STEP = 500;
/** Rows read in one step while a text is searched. */
const STEP = 1_000;

/** A row as row-codec.ts writes it. */
export interface KeptRow {
  n: number;
  given: string;
  ended: string | null;
}

/** What a datastore can say about a run's rows. */
export interface RowReader {
  /** Rows from this position on, up to so many, in order. */
  from(n: number, limit: number): Promise<KeptRow[]>;
  /** The rows at these positions, in order. */
  at(positions: readonly number[]): Promise<KeptRow[]>;
  /** Positions of rows that bear one of the marks, from `n` on, up to so many, in order. */
  marked(marks: readonly string[], n: number, limit: number): Promise<number[]>;
}

/** All rows from this position on, in order. */
export async function* allRows(reader: Pick<RowReader, "from">, start: number): AsyncIterable<RunRow> {
  for (let next = start; ;) {
    const kept = await reader.from(next, ALL_STEP);
    for (const { n, given, ended } of kept) yield decodeRow(n, given, ended);
    const last = kept.at(-1);
    if (last === undefined || kept.length < ALL_STEP) return;
    next = last.n + 1;
  }
}

/** The rows that fit, found by their marks where the filter has an outcome or a code, else one after the other. */
export async function pageOfRows(reader: RowReader, filter: RowFilter): Promise<RowPage> {
  const { limit, after = -1 } = filter;
  const fits = fitting(filter);
  const marks = marksOf(filter);
  const rows: RunRow[] = [];
  let scanned = 0;
  for (let next = after + 1; ;) {
    // One more than is asked for, which tells whether there is another page.
    const step = filter.text ? STEP : limit + 1 - rows.length;
    const kept =
      marks === null ? await reader.from(next, step) : await reader.at(await reader.marked(marks, next, step));
    for (const row of kept) {
      const found = fits(row);
      if (found !== null && rows.length === limit) return { rows, next: rows.at(-1)?.n ?? after, scanned };
      scanned += 1;
      next = row.n + 1;
      if (found !== null) rows.push(found);
    }
    if (kept.length < step) return { rows, next: null, scanned };
    if (scanned >= MOST_SCANNED) return { rows, next: next - 1, scanned };
  }
}

function marksOf({ outcomes, codes }: RowFilter): readonly string[] | null {
  if (codes?.length) return [...new Set(codes.map(markOfCode))];
  return outcomes?.length ? outcomes : null;
}

/** Answers a row that fits, else null. */
function fitting({ outcomes, codes, text }: RowFilter): (kept: KeptRow) => RunRow | null {
  const wanted = text?.toLowerCase() ?? "";
  // As it stands in JSON, where it may be in what is kept but in none of the cells; what has to be escaped there is not looked for.
  const plain = /["\\\p{Cc}\p{Cs}]/u.test(wanted) ? "" : wanted;
  return (kept) => {
    if (plain !== "" && !kept.given.toLowerCase().includes(plain)) return null;
    const row = decodeRow(kept.n, kept.given, kept.ended);
    const { result, entryId, entryEmail, entryName, cells } = row;
    if (outcomes?.length && !(result && outcomes.includes(result.outcome))) return null;
    if (codes?.length && !(result && result.apiCode !== null && codes.includes(result.apiCode))) return null;
    if (wanted === "") return row;
    const texts = [entryId, entryEmail, entryName, ...cells];
    return texts.some((cell) => cell?.toLowerCase().includes(wanted)) ? row : null;
  };
}
