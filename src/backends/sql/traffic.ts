import { KEPT_MS, MINUTE_MS, type Traffic, type TrafficCount } from "../../runs/traffic.ts";
import type { RequestCounts } from "../../runs/run.ts";
import type { AccountTraffic } from "../../runs/run-store.ts";
import type { Sql } from "./sql.ts";

/** Requests by the minute, in PostgreSQL or PGlite. */
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

/** Requests as the functions that count them take them, behind the run. */
export function requestColumns(id: string, counts: Partial<RequestCounts>, traffic?: AccountTraffic): unknown[] {
  const minutes = traffic?.counts ?? [];
  return [
    Object.keys(counts).map((name) => `requests.${name}`),
    Object.values(counts).map((count) => count ?? 0),
    traffic === undefined ? [] : [scopeOfRun(id), scopeOfAccount(traffic.accountId)],
    KEPT_MS,
    minutes.map(({ minute }) => minute),
    minutes.map(({ kind }) => kind),
    minutes.map(({ status }) => status),
    minutes.map(({ requests }) => requests),
  ];
}

/** Under which its requests are counted. */
export function scopeOfRun(id: string): string {
  return `run:${id}`;
}

function scopeOfAccount(id: string): string {
  return `account:${id}`;
}
