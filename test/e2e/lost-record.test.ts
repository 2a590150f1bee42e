import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterEach, expect, it } from "vitest";
import { until } from "../until.ts";
import { backendForTest } from "./backend-for-test.ts";
import { reportedOutcomes } from "./reported-outcomes.ts";
import { patchesOf, setUpWorld, type World } from "./world.ts";

const CONCURRENCY = 4;

let world: World;
afterEach(() => world.close());

it("a Redis that is emptied in mid-run ends the run with what this process recorded", async (context) => {
  const settings = await backendForTest("redis", context);
  const slow = { BULKPATCH_RATE: "40/1s", BULKPATCH_CONCURRENCY: String(CONCURRENCY) };
  world = await setUpWorld({ rows: 400, settings: { ...settings, ...slow } });
  const { api, desk } = world;
  const working = desk.start(["run", "changes.csv", "--yes", "--json", "--report-dir", "report"]);
  const id = await world.runOf(working);
  await until("some rows are sent", () => patchesOf(api).length >= 20);
  const redis = new Redis(settings.BULKPATCH_BACKEND_URL!);
  await redis.flushdb();
  await redis.quit();
  const sent = patchesOf(api).length;

  const { code, stdout } = await working.ended;
  expect(code).toBe(1);
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
  expect(error.code).toBe("run_gone");
  expect(error.message).toContain(`the record of run ${id} is gone from redis://`);
  // what was in flight, and what a look of a quarter of a second lets out
  expect(patchesOf(api).length - sent).toBeLessThanOrEqual(CONCURRENCY + 12);

  const reported = await reportedOutcomes(desk);
  expect(reported.size).toBeGreaterThanOrEqual(sent - CONCURRENCY);
  expect(new Set(reported.values())).toEqual(new Set(["updated"]));
  expect([...reported.keys()]).toEqual([...reported.keys()].toSorted((a, b) => a - b));
  expect(world.differences(0).length).toBeGreaterThanOrEqual(reported.size);
  expect(await readFile(join(desk.folder, "report", "report.html"), "utf8")).toContain("is gone from redis://");
});
