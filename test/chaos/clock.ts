import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Redis } from "ioredis";
import { Client } from "pg";
import type { BudgetRecord } from "../../src/budget/ledger.ts";

const TIMES = [
  "seenAt",
  "nextFast",
  "nextEven",
  "fastUntil",
  "slowUntil",
  "strangerUntil",
  "closedUntil",
  "carefulUntil",
  "urgentUntil",
] as const satisfies (keyof BudgetRecord)[];

/**
 * Moves all times that the budget keeps, by milliseconds: into the future as a clock that stepped back leaves them, into the past
 * as time that has passed does. Answers whether there were any.
 */
export type StepClock = (byMs: number) => Promise<boolean>;

/** `backendUrl`: of a Redis or PostgreSQL, or `embedded`; `dataDir`: the folder of the embedded backend. */
export function clockOf(backendUrl: string, dataDir: string): StepClock {
  if (backendUrl === "embedded") return clockOfFolder(dataDir);
  return backendUrl.startsWith("redis:") ? clockOfRedis(backendUrl) : clockOfPostgres(backendUrl);
}

function clockOfRedis(url: string): StepClock {
  return async (byMs) => {
    const redis = new Redis(url);
    try {
      const keys = await redis.keys("bulkpatch:budget:*");
      for (const key of keys) await redis.eval(SHIFT, 1, key, byMs, ...TIMES);
      return keys.length > 0;
    } finally {
      redis.disconnect();
    }
  };
}

const SHIFT = `
  local packed = redis.call('GET', KEYS[1])
  if not packed then return end
  local b = cmsgpack.unpack(packed)
  for i = 2, #ARGV do b[ARGV[i]] = b[ARGV[i]] + ARGV[1] end
  for i = 1, #b.answered, 2 do b.answered[i] = b.answered[i] + ARGV[1] end
  for i = 1, #b.flying, 2 do b.flying[i] = b.flying[i] + ARGV[1] end
  redis.call('SET', KEYS[1], cmsgpack.pack(b), 'KEEPTTL')`;

function clockOfPostgres(url: string): StepClock {
  const times = TIMES.map((time) => time.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  const sets = [
    ...times.map((time) => `${time} = ${time} + $1::float8`),
    shiftedList("answered"),
    shiftedList("flying"),
  ];
  return async (byMs) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query("SELECT to_regclass('bulkpatch.ledger') IS NOT NULL AS made");
      if (!rows[0].made) return false;
      const { rowCount } = await client.query(`UPDATE bulkpatch.ledger SET ${sets.join(", ")}`, [byMs]);
      return rowCount! > 0;
    } finally {
      await client.end();
    }
  };
}

function clockOfFolder(dataDir: string): StepClock {
  const file = join(dataDir, "budget.sqlite");
  return async (byMs) => {
    if (!existsSync(file)) return false;
    const database = new DatabaseSync(file, { timeout: 5_000 });
    try {
      database.exec("BEGIN IMMEDIATE");
      const write = database.prepare("UPDATE ledger SET record = ? WHERE key = ?");
      const rows = database.prepare("SELECT key, record FROM ledger").all();
      for (const { key, record } of rows) {
        write.run(JSON.stringify(shift(JSON.parse(record as string) as BudgetRecord, byMs)), key!);
      }
      database.exec("COMMIT");
      return rows.length > 0;
    } finally {
      database.close();
    }
  };
}

function shift(record: BudgetRecord, byMs: number): BudgetRecord {
  const list = (numbers: number[]): number[] => numbers.map((value, i) => (i % 2 === 0 ? value + byMs : value));
  return {
    ...record,
    ...Object.fromEntries(TIMES.map((time) => [time, record[time] + byMs])),
    answered: list(record.answered),
    flying: list(record.flying),
  };
}

function shiftedList(column: string): string {
  return `${column} = (SELECT coalesce(array_agg(v + CASE WHEN i % 2 = 1 THEN $1::float8 ELSE 0 END ORDER BY i), '{}')
                  FROM unnest(${column}) WITH ORDINALITY AS t (v, i))`;
}
