import { RequestError } from "../../explained-error.ts";
import type { Outcome } from "../../runs/outcome.ts";
import type { RunHome } from "../../runs/run-home.ts";
import type { Run, RunRow } from "../../runs/run.ts";

export interface RowQuery {
  /** `open`: has none yet. */
  outcome?: Outcome | "open" | undefined;
  /** Cloudflare's own code. */
  code?: number | undefined;
  /** A part of an e-mail address, a name, an id or any cell of the row. */
  q?: string | undefined;
  limit: number;
  /** The position of the last row of the page before. */
  after?: number | undefined;
}

/** Rows that are looked at for one page of those without an outcome: they are at the end of a run that works in its order. */
const MOST_LOOKED_AT = 20_000;

/**
 * Rows of a run that fit, in the spreadsheet's order, a page at a time. So many rows are looked at for one page and no more: it
 * may be short, even empty, and have a next one.
 */
export async function findRows(
  { rows }: Pick<RunHome, "rows">,
  run: Pick<Run, "id">,
  { outcome, code, q, limit, after }: RowQuery,
): Promise<{ rows: RunRow[]; next: number | null }> {
  if (outcome === "open") return await openRows(rows.all(run.id, (after ?? -1) + 1), limit);
  return await rows.page(run.id, {
    outcomes: outcome === undefined ? [] : [outcome],
    codes: code === undefined ? [] : [code],
    text: q,
    after,
    limit,
  });
}

async function openRows(rows: AsyncIterable<RunRow>, limit: number): Promise<{ rows: RunRow[]; next: number | null }> {
  const found: RunRow[] = [];
  let looked = 0;
  for await (const row of rows) {
    if (found.length === limit) return { rows: found, next: found.at(-1)!.n };
    if (row.result === null) found.push(row);
    looked += 1;
    if (looked === MOST_LOOKED_AT) return { rows: found, next: row.n };
  }
  return { rows: found, next: null };
}

/** The row of this number of the spreadsheet. Throws RequestError `row_not_found`. */
export async function findRow({ rows }: RunHome, run: Run, number: number): Promise<RunRow> {
  // Rows keep the spreadsheet's order, so their numbers only go up; in most, the header is the first and every other one is taken.
  let from = 0;
  let to = run.rows - 1;
  for (let at = Math.min(Math.max(number - 2, from), to); from <= to; at = Math.floor((from + to) / 2)) {
    const row = await rows.get(run.id, at);
    if (row === null) break;
    if (row.row === number) return row;
    if (row.row < number) from = at + 1;
    else to = at - 1;
  }
  throw new RequestError("row_not_found", `run ${run.id} has no row ${number}`, "the header is row 1; see its rows");
}
