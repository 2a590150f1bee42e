import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { openDatabase, type EmbeddedDatabase } from "../../../src/backends/embedded/database.ts";
import { embeddedForTest } from "../../datastores.ts";

describe("a statement", () => {
  let database: EmbeddedDatabase;
  beforeAll(async () => {
    database = await openDatabase(await embeddedForTest());
    await database.pool.query("CREATE TABLE bulkpatch.t (a int)");
  });
  afterAll(async () => database.close());
  beforeEach(async () => void (await database.pool.query("TRUNCATE bulkpatch.t")));

  test.each([
    ["text", "x'\\\"{}\n🦦", "x'\\\"{}\n🦦"],
    ["text", null, null],
    ["text", undefined, null],
    ["int", 7, 7],
    ["bigint", "9007199254740993", "9007199254740993"],
    ["float8", 0.1, 0.1],
    ["boolean", false, false],
    ["jsonb", { a: [1, "b"] }, { a: [1, "b"] }],
    ["text[]", ['a"b', "c\\d", "e,f", "{}", "", null], ['a"b', "c\\d", "e,f", "{}", "", null]],
    ["int[]", [1, 2, 3], [1, 2, 3]],
    ["int[]", [], []],
  ])("takes and answers %s %j as pg does", async (type, given, answered) => {
    const text = `SELECT $1::${type} AS value`;
    for (let i = 0; i < 2; i++) expect((await database.pool.query(text, [given])).rows).toEqual([{ value: answered }]);
  });

  test("that fails leaves the session as it was, and may be asked again", async () => {
    const half = "SELECT 1 / $1::int AS value";
    await expect(database.pool.query(half, [0])).rejects.toMatchObject({ code: "22012", message: "division by zero" });
    expect((await database.pool.query(half, [1])).rows).toEqual([{ value: 1 }]);
    await expect(database.pool.query("SELECT nonsense", [])).rejects.toMatchObject({ code: "42703" });
    await expect(database.pool.query("SELECT 1; SELECT nonsense")).rejects.toMatchObject({ code: "42703" });
    expect((await database.pool.query("SELECT 1 AS a; SELECT 2 AS a")).rows).toEqual([{ a: 2 }]);
  });

  test("tells how many rows it was about", async () => {
    expect((await database.pool.query("INSERT INTO bulkpatch.t SELECT generate_series(1, $1)", [5])).rowCount).toBe(5);
    expect((await database.pool.query("UPDATE bulkpatch.t SET a = 0 WHERE a > $1", [3])).rowCount).toBe(2);
  });

  test("waits while another client is in a transaction, and never gets into it", async () => {
    const client = await database.pool.connect();
    await client.query("BEGIN");
    await client.query("INSERT INTO bulkpatch.t VALUES (1)");
    const outside = database.pool.query("INSERT INTO bulkpatch.t VALUES (2) RETURNING a");
    await client.query("ROLLBACK");
    await outside;
    client.release();
    expect((await database.pool.query("SELECT a FROM bulkpatch.t")).rows).toEqual([{ a: 2 }]);
  });

  test("goes on when a client is released in the middle of a transaction", async () => {
    const client = await database.pool.connect();
    await client.query("BEGIN");
    await client.query("CREATE TABLE bulkpatch.gone ()");
    client.release();
    expect((await database.pool.query("SELECT to_regclass('bulkpatch.gone') AS gone", [])).rows).toEqual([
      { gone: null },
    ]);
  });

  test("after another lets timers and sockets have their time", async () => {
    const timer = vi.fn();
    void sleep(1).then(timer);
    const until = performance.now() + 10_000;
    while (timer.mock.calls.length === 0 && performance.now() < until) await database.pool.query("SELECT 1", []);
    expect(timer).toHaveBeenCalled();
  });
});

test("nothing more is asked of a database whose disk failed, and it is told what to do", async () => {
  const dataDir = await embeddedForTest();
  const database = await openDatabase(dataDir);
  const fail = "DO $$ BEGIN RAISE EXCEPTION 'could not write: No space left on device' USING ERRCODE = '53100'; END $$";
  const stopped = {
    name: "BackendError",
    code: "folder_unwritable",
    message: `The database in ${join(dataDir, "db")} had to stop: could not write: No space left on device`,
    remedy: "Make room on that disk, then resume the run: what was recorded is kept",
  };
  await expect(database.pool.query(fail)).rejects.toMatchObject(stopped);
  await expect(database.pool.query("SELECT 1")).rejects.toMatchObject(stopped);
  await database.close();
  const again = await openDatabase(dataDir);
  expect((await again.pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  await again.close();
});

test("the log does not grow with the work", async () => {
  const dataDir = await embeddedForTest();
  const database = await openDatabase(dataDir);
  await database.pool.query("CREATE TABLE bulkpatch.t (a text)");
  const writeMuch = "INSERT INTO bulkpatch.t SELECT repeat(md5(i::text), 30) FROM generate_series(1, 40000) i";
  for (let i = 0; i < 4; i++) {
    await database.pool.query(writeMuch);
    await database.pool.query("TRUNCATE bulkpatch.t");
    for (let turn = 0; turn < 1_000; turn++) await database.pool.query("SELECT 1", []);
  }
  const log = join(dataDir, "db", "pg_wal");
  const sizes = await Promise.all((await readdir(log)).map(async (name) => (await stat(join(log, name))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100 * 1024 * 1024);
  await database.close();
});
