import { RunError } from "../../runs/run-error.ts";
import { LeaseLostError, type Fence } from "../../runs/leases.ts";
import type { RunRow } from "../../runs/run.ts";
import type {
  CauseCount,
  CountedRequests,
  RecordedResult,
  RowFilter,
  RowPage,
  RowStore,
} from "../../runs/row-store.ts";
import { allRows, pageOfRows, type KeptRow, type RowReader } from "../page-of-rows.ts";
import { decodeCauses, groupRows, MOST_CAUSES, type RowGroup } from "../row-groups.ts";
import { decodeRow, encodeEnded, encodeGiven } from "../row-codec.ts";
import type { Sql } from "./sql.ts";
import { requestColumns } from "./traffic.ts";

/** PostgreSQL's code for a row whose run is not there. */
const FOREIGN_KEY = "23503";
/** Positions answered in one step. */
const POSITIONS = 2_000;
/** Positions in a block of a mark, as the table has it. */
const BLOCK = 1_024;
/** Beyond the last position that there can be. */
const END = 2 ** 31;

/** The rows of runs in PostgreSQL or PGlite. Every call is one statement. */
export class SqlRowStore implements RowStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async stage(id: string, rows: readonly RunRow[], { fence }: { fence?: Fence | undefined } = {}): Promise<void> {
    if (rows.length === 0) return;
    const { groups, places } = groupRows(rows);
    const staged = this.#sql.query<{ held: boolean }>(
      "SELECT bulkpatch.stage($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS held",
      [
        id,
        rows.map((r) => r.n),
        rows.map(encodeGiven),
        rows.map((r) => (r.result === null ? null : encodeEnded({ result: r.result }))),
        places,
        ...columnsOf(groups),
        fence?.lease ?? null,
        fence?.token ?? null,
      ],
    );
    const [answer] = await staged.catch((error: unknown) => {
      throw (error as { code?: string }).code === FOREIGN_KEY
        ? new RunError("run_not_found", `There is no run ${id}`, { run: id })
        : error;
    });
    if (fence !== undefined && !answer?.held) throw new LeaseLostError(fence);
  }

  async record(
    id: string,
    results: readonly RecordedResult[],
    requests: CountedRequests | null = null,
  ): Promise<number> {
    if (results.length === 0 && requests === null) return 0;
    const firstOfEach = [...new Map(results.toReversed().map((r) => [r.n, r])).values()];
    const { groups, places } = groupRows(firstOfEach);
    const [answer] = await this.#sql.query<{ fresh: number }>(
      `SELECT bulkpatch.record($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) AS fresh`,
      [
        id,
        firstOfEach.map((r) => r.n),
        firstOfEach.map(encodeEnded),
        places,
        ...columnsOf(groups),
        ...requestColumns(id, requests?.counts ?? {}, requests?.traffic),
      ],
    );
    return answer?.fresh ?? 0;
  }

  async get(id: string, n: number): Promise<RunRow | null> {
    const [record] = await this.#at(id, [n]);
    return record === undefined ? null : decodeRow(record.n, record.given, record.ended);
  }

  async outstandingIn(id: string, from: number, to: number): Promise<RunRow[]> {
    const records = await this.#sql.query<KeptRow>(
      `SELECT n, given, ended FROM bulkpatch.run_row
        WHERE run_id = $1 AND n >= $2 AND n <= $3 AND outcome IS NULL ORDER BY n`,
      [id, from, to],
    );
    return records.map(({ n, given }) => decodeRow(n, given, null));
  }

  all(id: string, from = 0): AsyncIterable<RunRow> {
    return allRows(this.#reader(id), from);
  }

  async page(id: string, filter: RowFilter): Promise<RowPage> {
    return pageOfRows(this.#reader(id), filter);
  }

  async causes(id: string): Promise<CauseCount[]> {
    return decodeCauses(
      await this.#sql.query('SELECT cause, count::float8 AS "rows", message FROM bulkpatch.cause WHERE run_id = $1', [
        id,
      ]),
    );
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

  #reader(id: string): RowReader {
    return {
      from: (n, limit) => this.#from(id, n, limit),
      at: (positions) => this.#at(id, positions),
      marked: (marks, n, limit) => this.#marked(id, marks, n, limit),
    };
  }

  async #from(id: string, n: number, limit: number): Promise<KeptRow[]> {
    return this.#sql.query(
      "SELECT n, given, ended FROM bulkpatch.run_row WHERE run_id = $1 AND n >= $2 ORDER BY n LIMIT $3",
      [id, n, limit],
    );
  }

  async #at(id: string, positions: readonly number[]): Promise<KeptRow[]> {
    if (positions.length === 0) return [];
    return this.#sql.query(
      "SELECT n, given, ended FROM bulkpatch.run_row WHERE run_id = $1 AND n = ANY($2) ORDER BY n",
      [id, positions],
    );
  }

  async #marked(id: string, marks: readonly string[], n: number, limit: number): Promise<number[]> {
    const positions: number[] = [];
    // What is frequent is found in the first block, and what is seldom in few steps.
    for (let next = Math.floor(n / BLOCK), blocks = 1; next * BLOCK < END; next += blocks, blocks *= 8) {
      const found = await this.#sql.query<{ block: number; bits: string }>(
        `SELECT block, bit_or(bits)::text AS bits FROM bulkpatch.row_mark
          WHERE run_id = $1 AND mark = ANY($2) AND block >= $3 AND block < $4 GROUP BY block ORDER BY block`,
        [id, marks, next, Math.min(next + blocks, END / BLOCK)],
      );
      for (const { block, bits } of found) {
        for (let bit = bits.indexOf("1"); bit >= 0; bit = bits.indexOf("1", bit + 1)) {
          if (block * BLOCK + bit >= n) positions.push(block * BLOCK + bit);
          if (positions.length === limit) return positions;
        }
      }
    }
    return positions;
  }
}

/** The groups as the functions take them. */
function columnsOf(groups: readonly RowGroup[]): unknown[] {
  return [
    groups.map((g) => g.outcome),
    groups.map((g) => g.codeMark),
    groups.map((g) => g.cause),
    groups.map((g) => g.rest),
    // PostgreSQL keeps no NUL.
    groups.map((g) => g.message.replaceAll("\0", "")),
    MOST_CAUSES,
  ];
}
