import { Client } from "pg";
import type { DatastoreHost } from "./datastore-host.ts";
import { postgresPrograms, startPostgres } from "./start-postgres.ts";

/** The PostgreSQL of a test run: TEST_POSTGRES_URL where it is set, else one started from Debian's programs, else null. */
export async function hostPostgres(): Promise<DatastoreHost | null> {
  const url = process.env["TEST_POSTGRES_URL"];
  if (url) return databasesOn(url, async () => {});
  if (postgresPrograms() === null) return null;
  const server = await startPostgres();
  return databasesOn(server.url, () => server.stop());
}

async function databasesOn(url: string, stop: () => Promise<void>): Promise<DatastoreHost> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  const made: string[] = [];
  return {
    fresh: async () => {
      const name = `bulkpatch_test_${process.pid}_${made.length}`;
      made.push(name);
      await admin.query(`CREATE DATABASE ${name}`);
      return new URL(`/${name}`, url).href;
    },
    stop: async () => {
      for (const name of made) await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
      await stop();
    },
  };
}
