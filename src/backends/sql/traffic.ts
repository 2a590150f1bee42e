import { MINUTE_MS, type Traffic, type TrafficCount } from "../../runs/traffic.ts";
import type { Sql } from "./sql.ts";

export class SqlTraffic implements Traffic {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async since(of: { runId: string } | { accountId: string }, from: number): Promise<TrafficCount[]> {
    return this.#sql.query(
      `SELECT minute, kind, status, requests::float8 AS requests FROM bulkpatch.traffic
        WHERE scope = $1 AND minute >= $2 ORDER BY minute, kind, status`,
      ["runId" in of ? scopeOfRun(of.runId) : scopeOfAccount(of.accountId), Math.floor(from / MINUTE_MS) * MINUTE_MS],
    );
  }
}

export function scopeOfRun(id: string): string {
  return `run:${id}`;
}

export function scopeOfAccount(id: string): string {
  return `account:${id}`;
}
