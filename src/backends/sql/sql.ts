/**
 * A PostgreSQL database as the run store and the budget see it: one statement, one round trip, atomic by itself. That is
 * all they need, so that a `pg.Pool`, PGlite and the relay to another process's PGlite can stand behind it alike.
 */
export interface Sql {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** The `Sql` of something that answers as a `pg.Pool` does. */
export function sqlOf(pool: { query(text: string, values: readonly unknown[]): Promise<{ rows: unknown[] }> }): Sql {
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) => (await pool.query(text, values)).rows as Row[],
  };
}
