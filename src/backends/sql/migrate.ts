import type { PgQueryable } from "bullmq";
import { BackendError } from "../backend-error.ts";
import { bullmq } from "../bullmq.ts";
import { MIGRATIONS, type Migration } from "./migrations.ts";

/** Of `pg_advisory_xact_lock`: one process at a time changes the schema. Spells "bulk". */
const LOCK = 0x62756c6b;

/** What BullMQ's own migrations end with. Where they are done already, BullMQ need not be loaded to look. */
export const QUEUE_VERSION = 11;

/**
 * Brings BullMQ's schema and ours up to date, on a client of its own. Safe to run from several machines at once and again.
 * Throws BackendError when a newer bulkpatch wrote the schema.
 */
export async function migrate(client: PgQueryable, address: string): Promise<void> {
  if ((await queueVersion(client)) !== QUEUE_VERSION) await migrateQueue(client, address);
  await migrateOwn(client, address, MIGRATIONS);
}

/** Null where there is none yet, or it can't be told: then BullMQ says why. */
async function queueVersion(client: PgQueryable): Promise<number | null> {
  try {
    const { rows } = await client.query<{ version: number | null }>(
      "SELECT max(version)::int AS version FROM bullmq.migration",
    );
    return rows[0]?.version ?? null;
  } catch {
    return null;
  }
}

async function migrateQueue(client: PgQueryable, address: string): Promise<void> {
  const { MINIMUM_POSTGRES_VERSION, runMigrations, SchemaVersionMismatchError, UnsupportedPostgresVersionError } =
    bullmq();
  try {
    await runMigrations(client);
  } catch (error) {
    if (error instanceof SchemaVersionMismatchError) throw newerSchema(address, error);
    if (error instanceof UnsupportedPostgresVersionError) {
      throw new BackendError(
        "backend_version",
        `PostgreSQL at ${address} is too old; at least ${MINIMUM_POSTGRES_VERSION} is needed`,
        "Update PostgreSQL",
        error,
      );
    }
    throw error;
  }
}

async function migrateOwn(client: PgQueryable, address: string, migrations: readonly Migration[]): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
    await client.query("CREATE SCHEMA IF NOT EXISTS bulkpatch");
    await client.query(
      "CREATE TABLE IF NOT EXISTS bulkpatch.migration (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
    );
    const { rows } = await client.query<{ version: number }>(
      "SELECT coalesce(max(version), 0)::int AS version FROM bulkpatch.migration",
    );
    const current = rows[0]?.version ?? 0;
    const latest = Math.max(...migrations.map((m) => m.version));
    if (current > latest) throw newerSchema(address);
    for (const { version, sql } of migrations) {
      if (version <= current) continue;
      await client.query(sql);
      await client.query("INSERT INTO bulkpatch.migration (version) VALUES ($1)", [version]);
    }
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

function newerSchema(address: string, cause?: unknown): BackendError {
  return new BackendError(
    "backend_version",
    `The data in ${address} was written by a newer version of bulkpatch`,
    "Update bulkpatch on this machine to the newest version",
    cause,
  );
}
