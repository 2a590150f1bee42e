import { LeaseLostError, type Fence } from "../../runs/leases.ts";
import type { RunRow } from "../../runs/run.ts";
import type { RecordedResult, RowStore } from "../../runs/row-store.ts";
import { decodeRow, encodeEnded, encodeGiven } from "../row-codec.ts";
import { HELD } from "./leases.ts";
import type { Sql } from "./sql.ts";

/** PostgreSQL's code for a row whose run is not there. */
const FOREIGN_KEY = "23503";
/** Rows read in one step. */
const ROWS = 500;
/** Positions answered in one step. */
const POSITIONS = 2_000;

/** The rows of runs in PostgreSQL or PGlite. Every call is one statement. */
export class SqlRowStore implements RowStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async stage(id: string, rows: readonly RunRow[], { fence }: { fence?: Fence | undefined } = {}): Promise<void> {
    if (rows.length === 0) return;
    const staged = this.#sql.query<{ held: boolean }>(
      `WITH held AS (${HELD("$6", "$7")}),
       fresh AS (
         INSERT INTO bulkpatch.run_row (run_id, n, given, outcome, ended)
         SELECT $1, * FROM unnest($2::int[], $3::text[], $4::text[], $5::text[])
          WHERE $6::text IS NULL OR EXISTS (SELECT FROM held)
         ON CONFLICT DO NOTHING RETURNING outcome
       ), counted AS (
         SELECT 'rows' AS what, count(*) AS count FROM fresh
         UNION ALL SELECT outcome, count(*) FROM fresh WHERE outcome IS NOT NULL GROUP BY outcome
       ) SELECT bulkpatch.add_counts($1, array_agg(what), array_agg(count)), EXISTS (SELECT FROM held) AS held FROM counted`,
      [
        id,
        rows.map((r) => r.n),
        rows.map(encodeGiven),
        rows.map((r) => r.result?.outcome ?? null),
        rows.map((r) => (r.result === null ? null : encodeEnded({ result: r.result }))),
        fence?.lease ?? null,
        fence?.token ?? null,
      ],
    );
    const [answer] = await staged.catch((error: unknown) => {
      throw (error as { code?: string }).code === FOREIGN_KEY ? new Error(`There is no run ${id}`) : error;
    });
    if (fence !== undefined && !answer?.held) throw new LeaseLostError(fence);
  }

  async record(id: string, results: readonly RecordedResult[]): Promise<number> {
    if (results.length === 0) return 0;
    const firstOfEach = [...new Map(results.toReversed().map((r) => [r.n, r])).values()];
    const [answer] = await this.#sql.query<{ fresh: number }>("SELECT bulkpatch.record($1, $2, $3, $4) AS fresh", [
      id,
      firstOfEach.map((r) => r.n),
      firstOfEach.map((r) => r.result.outcome),
      firstOfEach.map(encodeEnded),
    ]);
    return answer?.fresh ?? 0;
  }

  async get(id: string, n: number): Promise<RunRow | null> {
    const [record] = await this.#sql.query<RowRecord>(
      "SELECT n, given, ended FROM bulkpatch.run_row WHERE run_id = $1 AND n = $2",
      [id, n],
    );
    return record === undefined ? null : decodeRow(record.n, record.given, record.ended);
  }

  async *all(id: string, from = 0): AsyncIterable<RunRow> {
    for (let next = from; ;) {
      const records = await this.#sql.query<RowRecord>(
        "SELECT n, given, ended FROM bulkpatch.run_row WHERE run_id = $1 AND n >= $2 ORDER BY n LIMIT $3",
        [id, next, ROWS],
      );
      for (const { n, given, ended } of records) yield decodeRow(n, given, ended);
      const last = records.at(-1);
      if (last === undefined || records.length < ROWS) return;
      next = last.n + 1;
    }
  }

  async *outstanding(id: string): AsyncIterable<number[]> {
    for (let next = 0; ;) {
      const records = await this.#sql.query<{ n: number }>(
        "SELECT n FROM bulkpatch.run_row WHERE run_id = $1 AND n >= $2 AND outcome IS NULL ORDER BY n LIMIT $3",
        [id, next, POSITIONS],
      );
      const last = records.at(-1);
      if (last === undefined) return;
      yield records.map((r) => r.n);
      if (records.length < POSITIONS) return;
      next = last.n + 1;
    }
  }
}

interface RowRecord {
  n: number;
  given: string;
  ended: string | null;
}
