import type { BudgetLook, BudgetState, Reservation } from "../../budget/budget-state.ts";
import type { Sql } from "./sql.ts";

/** The shared budget in PostgreSQL or PGlite; the arithmetic is in the functions of migrations.ts. */
export class SqlBudgetState implements BudgetState {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async reserve(key: string, count: number, intervalMs: number): Promise<Reservation> {
    const [reservation] = await this.#sql.query<Reservation>(
      `SELECT wait_ms AS "waitMs", interval_ms AS "intervalMs", epoch, granted FROM bulkpatch.reserve($1, $2, $3)`,
      [key, count, intervalMs],
    );
    return reservation as Reservation;
  }

  async close(key: string, forMs: number): Promise<void> {
    await this.#sql.query("SELECT bulkpatch.close_budget($1, $2)", [key, forMs]);
  }

  async slow(key: string, intervalMs: number, forMs: number): Promise<void> {
    await this.#sql.query(
      `INSERT INTO bulkpatch.budget (key, slow_interval, slow_until) VALUES ($1, $2, bulkpatch.now_ms() + $3::float8)
       ON CONFLICT (key) DO UPDATE SET slow_interval = $2, slow_until = bulkpatch.now_ms() + $3::float8`,
      [key, intervalMs, forMs],
    );
  }

  async look(key: string): Promise<BudgetLook> {
    const [look] = await this.#sql.query<BudgetLook>(
      `SELECT epoch, granted::float8 AS granted, greatest(0, closed_until - now) AS "closedForMs",
              CASE WHEN slow_until > now THEN slow_interval ELSE 0 END AS "slowIntervalMs"
         FROM bulkpatch.budget, bulkpatch.now_ms() AS now WHERE key = $1`,
      [key],
    );
    return look ?? { epoch: 0, granted: 0, closedForMs: 0, slowIntervalMs: 0 };
  }
}
