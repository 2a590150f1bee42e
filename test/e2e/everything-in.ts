import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { PGlite } from "@electric-sql/pglite";
import { Client } from "pg";

const READERS = { redis: everythingInRedis, postgres: everythingInPostgres, embedded: everythingInEmbedded };

/** All that a backend holds, as text. `settings`: those that name it, as `backendForTest` gives them. */
export async function everythingIn(kind: keyof typeof READERS, settings: Record<string, string>): Promise<string> {
  return await READERS[kind](settings[kind === "embedded" ? "BULKPATCH_DATA_DIR" : "BULKPATCH_BACKEND_URL"]!);
}

/** All that a Redis database holds, as text. */
async function everythingInRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  const read: Record<string, (key: string) => Promise<unknown>> = {
    string: (key) => redis.get(key),
    hash: (key) => redis.hgetall(key),
    list: (key) => redis.lrange(key, 0, -1),
    set: (key) => redis.smembers(key),
    zset: (key) => redis.zrange(key, "0", "-1"),
    stream: (key) => redis.xrange(key, "-", "+"),
  };
  try {
    const texts: string[] = [];
    for (const key of await redis.keys("*")) texts.push(key, JSON.stringify(await read[await redis.type(key)]!(key)));
    return texts.join("\n");
  } finally {
    redis.disconnect();
  }
}

/** All rows of all tables of a PostgreSQL database, as text. */
async function everythingInPostgres(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await allRows(async (sql) => (await client.query(sql)).rows as { text: string }[]);
  } finally {
    await client.end();
  }
}

/** All rows of an embedded folder that nobody has open, and all bytes of its files, the log included. */
async function everythingInEmbedded(dataDir: string): Promise<string> {
  const files = await everythingInFolder(dataDir);
  const db = await PGlite.create(join(dataDir, "db"));
  try {
    return files + (await allRows(async (sql) => (await db.query<{ text: string }>(sql)).rows));
  } finally {
    await db.close();
  }
}

/** The bytes of all files in a folder, and their names. */
export async function everythingInFolder(folder: string): Promise<string> {
  const texts: string[] = [];
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) texts.push(file.name, await readFile(join(file.parentPath, file.name), "latin1"));
  }
  return texts.join("\n");
}

async function allRows(query: (sql: string) => Promise<{ text: string }[]>): Promise<string> {
  const tables = await query(
    "SELECT format('%I.%I', schemaname, tablename) AS text FROM pg_tables WHERE schemaname IN ('bulkpatch', 'bullmq', 'public')",
  );
  const texts: string[] = [];
  for (const { text: table } of tables)
    for (const { text } of await query(`SELECT t::text AS text FROM ${table} t`)) texts.push(text);
  return texts.join("\n");
}
