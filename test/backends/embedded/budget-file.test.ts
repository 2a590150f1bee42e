import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openBudgetFile } from "../../../src/backends/embedded/budget-file.ts";
import { openBackend, openBudget } from "../../../src/backends/open.ts";
import { createBudget } from "../../../src/budget/budget.ts";
import { askFor } from "../../budget/ask-for.ts";
import { embeddedForTest } from "../../datastores.ts";

const MINUTE = 60_000;

test("asking the API opens no database, and leaves the folder to others", async () => {
  const dataDir = await embeddedForTest();
  const readNames = async (): Promise<string[]> =>
    (await readdir(dataDir, { recursive: true })).filter((name) => !name.startsWith("budget.sqlite")).toSorted();
  const before = await readNames();
  const home = await openBudget({ url: null, dataDir });
  const budget = createBudget({ state: home.budget, key: "token", limit: 100, windowMs: MINUTE });
  budget.settle(await budget.take());
  expect(await readNames()).toEqual(before);
  const backend = await openBackend({ url: null, dataDir });
  const other = createBudget({ state: backend.budget, key: "token", limit: 100, windowMs: MINUTE });
  expect(await other.look()).toMatchObject({ used: 1, left: 99 });
  await backend.close();
  await budget.close();
  await home.close();
});

test("counts on when the machine starts again and its uptime begins anew", async () => {
  const dataDir = await embeddedForTest();
  let uptime = 90 * 24 * 60 * MINUTE;
  const before = openBudgetFile(dataDir, () => uptime);
  const ask = askFor({ want: 60, rules: [100, MINUTE], fastMs: 1, evenMs: 0.001, toleranceMs: 50 });
  const { stamp } = await before.budget.exchange("token", ask);
  await before.budget.exchange("token", { ...ask, want: 0, settled: [stamp, 0, 60] });
  before.close();

  uptime = 20_000;
  const after = openBudgetFile(dataDir, () => uptime);
  const first = await after.budget.exchange("token", { ...ask, want: 0 });
  expect(first.used).toBe(60);
  expect(first.mendedMs).toBeCloseTo(90 * 24 * 60 * MINUTE - 20_000, -3);
  uptime += 1.1 * MINUTE;
  expect(await after.budget.exchange("token", ask)).toMatchObject({ granted: 60, mendedMs: 0 });
  after.close();
});

test("says what to do about a file that is none", async () => {
  const dataDir = await embeddedForTest();
  await writeFile(join(dataDir, "budget.sqlite"), "not a database, and long enough to be taken for one".repeat(40));
  await expect(openBudget({ url: null, dataDir })).rejects.toMatchObject({
    code: "folder_unwritable",
    message: `${join(dataDir, "budget.sqlite")}, which counts the requests, can't be used (file is not a database)`,
  });
});
