import type { PgPoolClient } from "bullmq";

/**
 * A PostgreSQL database as the run store and the budget see it: one statement, one round trip, atomic by itself. That is
 * all they need, so that a `pg.Pool`, PGlite and the relay to another process's PGlite can stand behind it alike.
 */
export interface Sql {
  /** `valuesAgain`: where the statement is repeated because its answer was lost, and might do something twice. */
  query<Row>(text: string, values?: readonly unknown[], valuesAgain?: readonly unknown[]): Promise<Row[]>;
}

/** What BullMQ needs of a `pg.Pool`, and what all three have: single statements, and clients that hold a session. */
export interface SharedPool {
  query(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>;
  connect(): Promise<PgPoolClient>;
}

/** Statements over a pool. */
export function sqlOf(pool: Pick<SharedPool, "query">): Sql {
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) => (await pool.query(text, values)).rows as Row[],
  };
}
