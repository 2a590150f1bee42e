import { Redis } from "ioredis";
import { afterEach, expect, it } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { cancelRun, pauseRun } from "../../src/runs/control.ts";
import { removeOldRuns } from "../../src/runs/remove-old-runs.ts";
import { embeddedForTest, redisForTest } from "../datastores.ts";
import { type CrewWorld, setUpCrewWorld } from "../workers/crew-world.ts";

const DAY = 24 * 60 * 60 * 1_000;

let backend: Backend;
let world: CrewWorld;
afterEach(async () => {
  await world.close();
  await backend.close();
});

it("removes what ended longer ago than it is to be kept, and nothing else", async () => {
  backend = await openBackend({ url: null, dataDir: await embeddedForTest() });
  world = await setUpCrewWorld({ backend, rows: 10 });
  const asking = { backend, by: "eve@test" };
  const finished = await world.startRun();
  await world.startCrew();
  const { finishedAt } = await world.comesTo(finished.id, "finished");
  const cancelled = await world.startRun();
  await cancelRun(asking, cancelled.id);
  await world.comesTo(cancelled.id, "cancelled");
  const paused = await world.startRun();
  await pauseRun(asking, paused.id);

  expect(await removeOldRuns(backend, 90, finishedAt! + 90 * DAY)).toBe(0);
  expect(await removeOldRuns(backend, 90, finishedAt! + 90 * DAY + 1)).toBe(1);
  expect((await backend.runs.list(10)).map(({ id }) => id)).toEqual([paused.id, cancelled.id]);
  expect(await Array.fromAsync(backend.rows.all(finished.id))).toEqual([]);
  expect(await removeOldRuns(backend, 90, finishedAt! + 9_000 * DAY)).toBe(1);
  expect((await backend.runs.list(10)).map(({ id }) => id)).toEqual([paused.id]);
});

it("leaves nothing of them in Redis, not even of one that was killed at its end", async ({ skip }) => {
  const url = (await redisForTest()) ?? skip("there is no Redis here");
  backend = await openBackend({ url, dataDir: "" });
  world = await setUpCrewWorld({ backend, rows: 10 });
  const run = await world.startRun();
  const killed = await world.startRun();
  await backend.runs.move(killed.id, ["running"], "finished", null, { at: 1, what: "finished", by: "x", detail: null });
  const crew = await world.startCrew();
  const { finishedAt } = await world.comesTo(run.id, "finished");
  await crew.stop();
  expect(await removeOldRuns(backend, 1, finishedAt! + 2 * DAY)).toBe(2);
  const redis = new Redis(url);
  const left = (await redis.keys("*")).filter((key) => !/^bulkpatch:(budget|count|traffic:account):/.test(key));
  redis.disconnect();
  expect(left).toEqual([]);
});
