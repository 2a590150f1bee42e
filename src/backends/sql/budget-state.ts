import {
  answerOf,
  type BudgetAnswer,
  type BudgetAsk,
  CLOSED_CODES,
  type ClosedReason,
  numbersOf,
  scalarsOf,
  withoutNews,
} from "../../budget/exchange.ts";
import type { BudgetState } from "../../budget/budget-state.ts";
import type { BudgetRecord } from "../../budget/ledger.ts";
import type { Sql } from "./sql.ts";

/** The shared budget in PostgreSQL or PGlite; the arithmetic is in steps/7-ledger.ts. */
export class SqlBudgetState implements BudgetState {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async exchange(key: string, ask: BudgetAsk): Promise<BudgetAnswer> {
    const [row] = await this.#sql.query<{ answer: number[] }>(
      "SELECT bulkpatch.exchange_budget($1, bulkpatch.now_ms(), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS answer",
      [key, ...valuesOf(ask)],
      [key, ...valuesOf(withoutNews(ask))],
    );
    return answerOf(row!.answer);
  }

  async close(key: string, forMs: number, reason: ClosedReason): Promise<void> {
    await this.#sql.query("SELECT bulkpatch.close_budget($1, bulkpatch.now_ms(), $2, $3)", [
      key,
      forMs,
      CLOSED_CODES[reason],
    ]);
  }

  async look(key: string): Promise<{ record: BudgetRecord; now: number } | null> {
    const [row] = await this.#sql.query<BudgetRecord & { now: number }>(
      `SELECT bulkpatch.now_ms() + shift_ms AS now, seen_at AS "seenAt", shift_ms AS "shiftMs", window_ms AS "windowMs", number, next_fast AS "nextFast",
              next_even AS "nextEven", fast_up_to AS "fastUpTo", fast_until AS "fastUntil", slow_ms AS "slowMs",
              slow_until AS "slowUntil", adviser, adviser_knows AS "adviserKnows", stranger_rate AS "strangerRate",
              stranger_until AS "strangerUntil", closed_until AS "closedUntil", closed_reason AS "closedReason",
              careful_until AS "carefulUntil", probe, urgent_until AS "urgentUntil", answered, flying
         FROM bulkpatch.ledger WHERE key = $1`,
      [key],
    );
    if (row === undefined) return null;
    const { now, ...record } = row;
    return { record, now };
  }
}

/** As `exchange_budget` takes them, after the key and the clock. */
export function valuesOf(ask: BudgetAsk): unknown[] {
  const { rules, settled, returned, advice } = ask;
  return [...scalarsOf(ask), rules, settled, returned, numbersOf(advice)];
}
