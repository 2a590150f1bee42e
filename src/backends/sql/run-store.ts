import { randomUUID } from "node:crypto";
import { noOutcomes, OUTCOMES } from "../../runs/outcome.ts";
import type { NewRun, RequestCounts, Run, RunEvent, RunState } from "../../runs/run.ts";
import { LeaseLostError, type Fence } from "../../runs/leases.ts";
import type { AccountTraffic, RunFilter, RunPage, RunStore } from "../../runs/run-store.ts";
import { pageOfRuns, type RunHead, textsOf } from "../page-of-runs.ts";
import { isOver } from "../../runs/states.ts";
import { HELD } from "./leases.ts";
import type { Sql } from "./sql.ts";
import { requestColumns, scopeOfRun } from "./traffic.ts";

const COLUMNS = `
  r.id, r.name, r.state, r.reason, r.source, r.options, r.account_id, r.retry_of, r.events, r.report_dir, r.created_at,
  r.finished_at, (SELECT json_object_agg(t.what, t.count) FROM bulkpatch.tally t WHERE t.run_id = r.id) AS tally`;
const RUN = `SELECT ${COLUMNS} FROM bulkpatch.run r`;

/** Runs looked at in one step. */
const HEADS = 500;

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

  async page(filter: RunFilter): Promise<RunPage> {
    const get = async (ids: readonly string[]): Promise<Run[]> => {
      const records = await this.#sql.query<RunRecord>(
        `${RUN} WHERE r.id = ANY($1) ORDER BY r.created_at DESC, r.seq DESC`,
        [ids],
      );
      return records.map(decodeRun);
    };
    return pageOfRuns(this.#heads(filter), get, filter);
  }

  async *#heads({ states, from, to, after }: RunFilter): AsyncIterable<RunHead> {
    for (let cursor = after ?? null; ;) {
      const [at = null, seq = null] = cursor?.split(" ") ?? [];
      const heads = await this.#sql.query<HeadRecord>(
        `SELECT id, name, source, events, created_at || ' ' || seq AS cursor FROM bulkpatch.run
          WHERE ($1::float8 IS NULL OR (created_at, seq) < ($1::float8, $2::bigint))
            AND created_at >= coalesce($3::float8, '-infinity') AND created_at < coalesce($4::float8, 'infinity')
            AND ($5::text[] IS NULL OR state = ANY($5))
          ORDER BY created_at DESC, seq DESC LIMIT $6`,
        [at, seq, from ?? null, to ?? null, states?.length ? states : null, HEADS],
      );
      for (const { id, name, source, events, cursor: at } of heads)
        yield { id, texts: textsOf({ id, name, source: JSON.parse(source), events: JSON.parse(events) }), cursor: at };
      if (heads.length < HEADS) return;
      cursor = heads.at(-1)?.cursor ?? null;
    }
  }

  async inStates(states: readonly RunState[]): Promise<{ id: string; state: RunState }[]> {
    return this.#sql.query("SELECT id, state FROM bulkpatch.run WHERE state = ANY($1) ORDER BY created_at, seq", [
      states,
    ]);
  }

  async changes(): Promise<number> {
    const [change] = await this.#sql.query<{ count: number }>("SELECT count::float8 AS count FROM bulkpatch.change");
    return change?.count ?? 0;
  }

  async move(
    id: string,
    from: readonly RunState[],
    to: RunState,
    reason: string | null,
    event: RunEvent,
    { fence }: { fence?: Fence | undefined } = {},
  ): Promise<Run | null> {
    const [answer] = await this.#sql.query<RunRecord & { held: boolean; id: string | null }>(
      `WITH held AS (${HELD("$8", "$9")}),
       moved AS (
         UPDATE bulkpatch.run
            SET state = $3, reason = $4, finished_at = $5, call = $7,
                events = CASE WHEN call = $7 THEN events ELSE left(events, -1) || ',' || $6::text || ']' END
          WHERE id = $1 AND (state = ANY($2) OR call = $7) AND ($8::text IS NULL OR EXISTS (SELECT FROM held))
         RETURNING *
       ) SELECT $8::text IS NULL OR EXISTS (SELECT FROM held) AS held, ${COLUMNS} FROM (SELECT) AS one LEFT JOIN moved r ON true`,
      [
        id,
        from,
        to,
        reason,
        isOver(to) ? event.at : null,
        JSON.stringify(event),
        randomUUID(),
        fence?.lease ?? null,
        fence?.token ?? null,
      ],
    );
    if (fence !== undefined && !answer?.held) throw new LeaseLostError(fence);
    return answer === undefined || answer.id === null ? null : decodeRun(answer);
  }

  async setReportDir(id: string, dir: string): Promise<void> {
    await this.#sql.query("UPDATE bulkpatch.run SET report_dir = $2 WHERE id = $1", [id, dir]);
  }

  async addRequests(id: string, counts: Partial<RequestCounts>, traffic?: AccountTraffic): Promise<void> {
    await this.#sql.query("SELECT bulkpatch.add_requests($1, $2, $3, $4, $5, $6, $7, $8, $9)", [
      id,
      ...requestColumns(id, counts, traffic),
    ]);
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

  async remove(id: string): Promise<void> {
    await this.#sql.query(
      "WITH forgotten AS (DELETE FROM bulkpatch.traffic WHERE scope = $2) DELETE FROM bulkpatch.run WHERE id = $1",
      [id, scopeOfRun(id)],
    );
  }
}

type HeadRecord = Pick<RunRecord, "id" | "name" | "source" | "events"> & Pick<RunHead, "cursor">;

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
