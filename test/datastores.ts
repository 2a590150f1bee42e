import { inject } from "vitest";
import type { DatastoreKind } from "./datastore-host.ts";

/**
 * The address of an empty Redis for the caller alone: a database of its own on the one server of this test run. Null where
 * this machine has none, which is said on standard error (with REQUIRE_ALL=1 it throws); then the test is to be skipped.
 */
export async function redisForTest(): Promise<string | null> {
  return ask("redis");
}

/** The same for PostgreSQL. */
export async function postgresForTest(): Promise<string | null> {
  return ask("postgres");
}

/** A folder with an empty embedded database for the caller alone, made already: opening a new one takes seconds. */
export async function embeddedForTest(): Promise<string> {
  return (await ask("embedded")) as string;
}

/** The settings of an empty backend, for what is the same on each: a Redis where there is one, since it takes the least time to open. */
export async function quickestForTest(): Promise<Record<string, string>> {
  const url = await redisForTest();
  return url === null ? { BULKPATCH_DATA_DIR: await embeddedForTest() } : { BULKPATCH_BACKEND_URL: url };
}

async function ask(kind: DatastoreKind): Promise<string | null> {
  const response = await fetch(`${inject("datastoreHost")}/${kind}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text === "" ? null : text;
}
