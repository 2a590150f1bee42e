import type { Presence, WorkerInfo } from "../../runs/presence.ts";
import type { Sql } from "./sql.ts";

/** Who is alive, in PostgreSQL or PGlite. */
export class SqlPresence implements Presence {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async heartbeat(worker: WorkerInfo, ttlMs: number): Promise<void> {
    await this.#sql.query(
      `INSERT INTO bulkpatch.worker (id, account_id, host, pid, started_at, expires)
       VALUES ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 ms')
       ON CONFLICT (id) DO UPDATE SET account_id = excluded.account_id, host = excluded.host, pid = excluded.pid, started_at = excluded.started_at,
             expires = clock_timestamp() + $6 * interval '1 ms'`,
      [worker.id, worker.accountId, worker.host, worker.pid, worker.startedAt, ttlMs],
    );
  }

  async retire(workerId: string): Promise<void> {
    // Those that died without a word go with it.
    await this.#sql.query(
      "DELETE FROM bulkpatch.worker WHERE id = $1 OR expires < clock_timestamp() - interval '1 hour'",
      [workerId],
    );
  }

  async list(): Promise<WorkerInfo[]> {
    return this.#sql.query(
      `SELECT id, account_id AS "accountId", host, pid, started_at AS "startedAt" FROM bulkpatch.worker WHERE expires > clock_timestamp()
        ORDER BY started_at, id`,
    );
  }
}
