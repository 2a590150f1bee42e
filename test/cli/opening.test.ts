import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { patchesOf, setUpWorld, type World } from "../e2e/world.ts";

let world: World;
afterEach(() => world.close());

it("looks for the file before it opens a database", async () => {
  world = await setUpWorld({ rows: 1, settings: { BULKPATCH_DATA_DIR: "data" } });
  const { desk, api } = world;
  const { code, stderr } = await desk.run(["run", "nosuch.csv", "--yes"]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr:
      "error: nosuch.csv: expected a spreadsheet, found no such file\n  → Check the name and the folder you are in.\n",
  });
  expect(await readdir(join(desk.folder, "data"))).toEqual(["budget.sqlite"]);
  expect(api.requests()).toEqual([]);
});

it("says once that a database can't be opened, and ends the plan that is being made meanwhile", async () => {
  world = await setUpWorld({
    rows: 3,
    api: { latency: { minMs: 60_000, maxMs: 60_000 } },
    settings: { BULKPATCH_DATA_DIR: "data" },
  });
  const { desk, api } = world;
  const db = join(desk.folder, "data", "db");
  await mkdir(db, { recursive: true });
  await writeFile(join(db, "pg_hba.conf"), "");
  const { code, stderr } = await desk.run(["run", "changes.csv", "--yes"]);
  expect(code).toBe(1);
  expect(stderr.match(/^error: .*/gm)).toEqual([
    `error: The database in ${db} can't be opened: its files are damaged or not a database`,
  ]);
  expect(patchesOf(api)).toEqual([]);
});
