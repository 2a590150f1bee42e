import { randomUUID } from "node:crypto";
import { noOutcomes, OUTCOMES } from "../../runs/outcome.ts";
import type { NewRun, RequestCounts, Run, RunEvent, RunRow, RunState } from "../../runs/run.ts";
import type { RecordedResult, RunStore, WorkerInfo } from "../../runs/run-store.ts";
import { decodeRow, encodeEnded, encodeGiven } from "../row-codec.ts";
import { isOver } from "../../runs/states.ts";
import type { Sql } from "./sql.ts";

/** PostgreSQL's code for a row whose run is not there. */
const FOREIGN_KEY = "23503";
/** Rows read in one step. */
const ROWS = 500;
/** Positions answered in one step. */
const POSITIONS = 2_000;

const RUN = `
  SELECT r.id, r.name, r.state, r.reason, r.source, r.options, r.account_id, r.retry_of, r.events, r.report_dir, r.created_at,
         r.finished_at, (SELECT json_object_agg(t.what, t.count) FROM bulkpatch.tally t WHERE t.run_id = r.id) AS tally
    FROM bulkpatch.run r`;

/** The record of runs in PostgreSQL or PGlite. Every call is one statement. */
export class SqlRunStore implements RunStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async create(run: NewRun, event: RunEvent): Promise<void> {
    const created = await this.#sql.query(
      `INSERT INTO bulkpatch.run AS r
              (id, name, state, reason, source, options, account_id, retry_of, report_dir, created_at, events, call)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
       ON CONFLICT (id) DO UPDATE SET call = excluded.call WHERE r.call = excluded.call
       RETURNING id`,
      [
        run.id,
        run.name,
        run.state,
        run.reason,
        JSON.stringify(run.source),
        JSON.stringify(run.options),
        run.accountId,
        run.retryOf,
        run.reportDir,
        run.createdAt,
        JSON.stringify([event]),
        randomUUID(),
      ],
    );
    if (created.length === 0) throw new Error(`There is a run ${run.id} already`);
  }

  async get(id: string): Promise<Run | null> {
    const [record] = await this.#sql.query<RunRecord>(`${RUN} WHERE r.id = $1`, [id]);
    return record === undefined ? null : decodeRun(record);
  }

  async list(limit: number): Promise<Run[]> {
    const records = await this.#sql.query<RunRecord>(`${RUN} ORDER BY r.created_at DESC, r.seq DESC LIMIT $1`, [limit]);
    return records.map(decodeRun);
  }

  async inStates(states: readonly RunState[]): Promise<{ id: string; state: RunState }[]> {
    return this.#sql.query("SELECT id, state FROM bulkpatch.run WHERE state = ANY($1) ORDER BY created_at, seq", [
      states,
    ]);
  }

  async move(
    id: string,
    from: readonly RunState[],
    to: RunState,
    reason: string | null,
    event: RunEvent,
  ): Promise<Run | null> {
    const [moved] = await this.#sql.query(
      `UPDATE bulkpatch.run
          SET state = $3, reason = $4, finished_at = $5, call = $7,
              events = CASE WHEN call = $7 THEN events ELSE left(events, -1) || ',' || $6::text || ']' END
        WHERE id = $1 AND (state = ANY($2) OR call = $7)
       RETURNING id`,
      [id, from, to, reason, isOver(to) ? event.at : null, JSON.stringify(event), randomUUID()],
    );
    return moved === undefined ? null : this.get(id);
  }

  async setReportDir(id: string, dir: string): Promise<void> {
    await this.#sql.query("UPDATE bulkpatch.run SET report_dir = $2 WHERE id = $1", [id, dir]);
  }

  async setSource(id: string, source: Run["source"]): Promise<void> {
    await this.#sql.query("UPDATE bulkpatch.run SET source = $2 WHERE id = $1", [id, JSON.stringify(source)]);
  }

  async stage(id: string, rows: readonly RunRow[]): Promise<void> {
    if (rows.length === 0) return;
    const staged = this.#sql.query(
      `WITH fresh AS (
         INSERT INTO bulkpatch.run_row (run_id, n, given, outcome, ended)
         SELECT $1, * FROM unnest($2::int[], $3::text[], $4::text[], $5::text[])
         ON CONFLICT DO NOTHING RETURNING outcome
       ), counted AS (
         SELECT 'rows' AS what, count(*) AS count FROM fresh
         UNION ALL SELECT outcome, count(*) FROM fresh WHERE outcome IS NOT NULL GROUP BY outcome
       ) SELECT bulkpatch.add_counts($1, array_agg(what), array_agg(count)) FROM counted`,
      [
        id,
        rows.map((r) => r.n),
        rows.map(encodeGiven),
        rows.map((r) => r.result?.outcome ?? null),
        rows.map((r) => (r.result === null ? null : encodeEnded({ result: r.result }))),
      ],
    );
    await staged.catch((error: unknown) => {
      throw (error as { code?: string }).code === FOREIGN_KEY ? new Error(`There is no run ${id}`) : error;
    });
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

  async row(id: string, n: number): Promise<RunRow | null> {
    const [record] = await this.#sql.query<RowRecord>(
      "SELECT n, given, ended FROM bulkpatch.run_row WHERE run_id = $1 AND n = $2",
      [id, n],
    );
    return record === undefined ? null : decodeRow(record.n, record.given, record.ended);
  }

  async *rows(id: string, from = 0): AsyncIterable<RunRow> {
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

  async addRequests(id: string, counts: Partial<RequestCounts>): Promise<void> {
    const what = Object.keys(counts).map((name) => `requests.${name}`);
    const added = Object.values(counts).map((count) => count ?? 0);
    await this.#sql.query("SELECT bulkpatch.add_counts($1, $2, $3)", [id, what, added]);
  }

  async streak(id: string, key: string | null): Promise<number> {
    if (key === null) {
      await this.#sql.query("DELETE FROM bulkpatch.streak WHERE run_id = $1", [id]);
      return 0;
    }
    const [answer] = await this.#sql.query<{ count: number }>(
      `INSERT INTO bulkpatch.streak AS s (run_id, key, count) SELECT id, $2, 1 FROM bulkpatch.run WHERE id = $1
       ON CONFLICT (run_id) DO UPDATE SET key = excluded.key, count = CASE WHEN s.key = excluded.key THEN s.count + 1 ELSE 1 END
       RETURNING count`,
      [id, key],
    );
    return answer?.count ?? 0;
  }

  async lease(name: string, owner: string, ttlMs: number): Promise<boolean> {
    const taken = await this.#sql.query(
      `INSERT INTO bulkpatch.lease AS l (name, owner, expires) VALUES ($1, $2, clock_timestamp() + $3 * interval '1 ms')
       ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires = clock_timestamp() + $3 * interval '1 ms'
        WHERE l.owner = excluded.owner OR l.expires <= clock_timestamp()
       RETURNING name`,
      [name, owner, ttlMs],
    );
    return taken.length > 0;
  }

  async releaseLease(name: string, owner: string): Promise<void> {
    await this.#sql.query("DELETE FROM bulkpatch.lease WHERE name = $1 AND owner = $2", [name, owner]);
  }

  async leaseOwner(name: string): Promise<string | null> {
    const [lease] = await this.#sql.query<{ owner: string }>(
      "SELECT owner FROM bulkpatch.lease WHERE name = $1 AND expires > clock_timestamp()",
      [name],
    );
    return lease?.owner ?? null;
  }

  async heartbeat(worker: WorkerInfo, ttlMs: number): Promise<void> {
    await this.#sql.query(
      `INSERT INTO bulkpatch.worker (id, host, pid, started_at, expires)
       VALUES ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 ms')
       ON CONFLICT (id) DO UPDATE SET host = excluded.host, pid = excluded.pid, started_at = excluded.started_at,
             expires = clock_timestamp() + $5 * interval '1 ms'`,
      [worker.id, worker.host, worker.pid, worker.startedAt, ttlMs],
    );
  }

  async retire(workerId: string): Promise<void> {
    // Those that died without a word go with it.
    await this.#sql.query(
      "DELETE FROM bulkpatch.worker WHERE id = $1 OR expires < clock_timestamp() - interval '1 hour'",
      [workerId],
    );
  }

  async workers(): Promise<WorkerInfo[]> {
    return this.#sql.query(
      `SELECT id, host, pid, started_at AS "startedAt" FROM bulkpatch.worker WHERE expires > clock_timestamp()
        ORDER BY started_at, id`,
    );
  }

  async remove(id: string): Promise<void> {
    await this.#sql.query("DELETE FROM bulkpatch.run WHERE id = $1", [id]);
  }
}

interface RowRecord {
  n: number;
  given: string;
  ended: string | null;
}

interface RunRecord {
  id: string;
  name: string;
  state: RunState;
  reason: string | null;
  source: string;
  options: string;
  account_id: string;
  retry_of: string | null;
  events: string;
  report_dir: string | null;
  created_at: number;
  finished_at: number | null;
  tally: Record<string, number> | null;
}

function decodeRun(record: RunRecord): Run {
  const tally = record.tally ?? {};
  const outcomes = noOutcomes();
  for (const outcome of OUTCOMES) outcomes[outcome] = tally[outcome] ?? 0;
  return {
    id: record.id,
    name: record.name,
    state: record.state,
    reason: record.reason,
    source: JSON.parse(record.source),
    options: JSON.parse(record.options),
    accountId: record.account_id,
    retryOf: record.retry_of,
    rows: tally["rows"] ?? 0,
    outcomes,
    requests: {
      total: tally["requests.total"] ?? 0,
      retries: tally["requests.retries"] ?? 0,
      throttled: tally["requests.throttled"] ?? 0,
    },
    events: JSON.parse(record.events),
    reportDir: record.report_dir,
    createdAt: record.created_at,
    finishedAt: record.finished_at,
  };
}
