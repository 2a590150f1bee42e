import { RequestError } from "../../explained-error.ts";
import type { Outcome } from "../../runs/outcome.ts";
import type { RunHome } from "../../runs/run-home.ts";
import type { Run, RunRow } from "../../runs/run.ts";

export interface RowQuery {
  /** `open`: has none yet. */
  outcome?: Outcome | "open" | undefined;
  /** Cloudflare's own code. */
  code?: number | undefined;
  /** A part of an e-mail address, a name, an id, a message or any cell of the row. */
  q?: string | undefined;
  limit: number;
  /** The position of the last row of the page before. */
  after?: number | undefined;
}

/** Rows of a run that fit, in the spreadsheet's order, a page at a time. */
export async function findRows(
  { rows }: RunHome,
  run: Run,
  { outcome, code, q, limit, after = -1 }: RowQuery,
): Promise<{ rows: RunRow[]; next: number | null }> {
  const part = q?.toLowerCase();
  const fits = (row: RunRow): boolean =>
    (outcome === undefined || (row.result?.outcome ?? "open") === outcome) &&
    (code === undefined || row.result?.apiCode === code) &&
    (part === undefined || textsOf(row).some((text) => text.toLowerCase().includes(part)));
  const found: RunRow[] = [];
  for await (const row of rows.all(run.id, after + 1)) {
    if (!fits(row)) continue;
    if (found.length === limit) return { rows: found, next: found.at(-1)!.n };
    found.push(row);
  }
  return { rows: found, next: null };
}

/** The row of this number of the spreadsheet. Throws RequestError `row_not_found`. */
export async function findRow({ rows }: RunHome, run: Run, number: number): Promise<RunRow> {
  // Rows keep the spreadsheet's order, so their numbers only go up.
  let from = 0;
  let to = run.rows - 1;
  while (from <= to) {
    const middle = Math.floor((from + to) / 2);
    const row = await rows.get(run.id, middle);
    if (row === null) break;
    if (row.row === number) return row;
    if (row.row < number) from = middle + 1;
    else to = middle - 1;
  }
  throw new RequestError("row_not_found", `run ${run.id} has no row ${number}`, "the header is row 1; see its rows");
}

function textsOf(row: RunRow): string[] {
  return [row.entryEmail, row.entryName, row.entryId, row.result?.message, ...row.cells].filter(
    (text): text is string => typeof text === "string",
  );
}
