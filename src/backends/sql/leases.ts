import type { Leases } from "../../runs/leases.ts";
import type { Sql } from "./sql.ts";

export class SqlLeases implements Leases {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async take(name: string, owner: string, ttlMs: number): Promise<boolean> {
    const taken = await this.#sql.query(
      `INSERT INTO bulkpatch.lease AS l (name, owner, expires) VALUES ($1, $2, clock_timestamp() + $3 * interval '1 ms')
       ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires = clock_timestamp() + $3 * interval '1 ms'
        WHERE l.owner = excluded.owner OR l.expires <= clock_timestamp()
       RETURNING name`,
      [name, owner, ttlMs],
    );
    return taken.length > 0;
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
