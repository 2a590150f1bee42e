import type { Leases } from "../../runs/leases.ts";
import type { Sql } from "./sql.ts";

/** The lease where it still has this token; whoever wants to take it waits until the statement is done. */
export const HELD = (name: string, token: string): string =>
  `SELECT FROM bulkpatch.lease WHERE name = ${name}::text AND token = ${token}::bigint FOR SHARE`;

/** Leases in PostgreSQL or PGlite, by the database's clock. */
export class SqlLeases implements Leases {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async take(name: string, owner: string, ttlMs: number): Promise<number | null> {
    const [taken] = await this.#sql.query<{ token: number }>(
      `INSERT INTO bulkpatch.lease AS l (name, owner, expires, token)
       VALUES ($1, $2, clock_timestamp() + $3 * interval '1 ms', nextval('bulkpatch.fence'))
       ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires = clock_timestamp() + $3 * interval '1 ms',
              token = CASE WHEN l.owner = excluded.owner THEN l.token ELSE nextval('bulkpatch.fence') END
        WHERE l.owner = excluded.owner OR l.expires <= clock_timestamp()
       RETURNING token::float8 AS token`,
      [name, owner, ttlMs],
    );
    return taken?.token ?? null;
  }

  async release(name: string, owner: string): Promise<void> {
    await this.#sql.query("DELETE FROM bulkpatch.lease WHERE name = $1 AND owner = $2", [name, owner]);
  }

  async owner(name: string): Promise<string | null> {
    const [lease] = await this.#sql.query<{ owner: string }>(
      "SELECT owner FROM bulkpatch.lease WHERE name = $1 AND expires > clock_timestamp()",
      [name],
    );
    return lease?.owner ?? null;
  }
}
