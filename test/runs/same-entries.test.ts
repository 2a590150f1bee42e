import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { cancelRun, pauseRun } from "../../src/runs/control.ts";
import { startRun } from "../../src/runs/start-run.ts";
import { embeddedForTest } from "../datastores.ts";
import { type CrewWorld, setUpCrewWorld } from "../workers/crew-world.ts";
import { commentRows, commentRun } from "./decided-rows.ts";

let backend: Backend;
let world: CrewWorld;
beforeAll(async () => {
  backend = await openBackend({ url: null, dataDir: await embeddedForTest() });
});
afterAll(() => backend.close());
afterEach(() => world.close());

async function start(entries: Parameters<typeof commentRows>[0], anyway = false) {
  return await startRun(commentRows(entries), commentRun(world.api.accountId), { backend, by: "ada@test", anyway });
}

it("a run is refused while an unfinished one still has to update some of the same entries", async () => {
  world = await setUpCrewWorld({ backend, rows: 10 });
  const first = await start(world.entries.slice(0, 6));
  await pauseRun({ backend, by: "ada@test" }, first.id);
  await expect(start(world.entries.slice(4))).rejects.toMatchObject({
    code: "entries_busy",
    message: `run ${first.id} (paused) still has to update 2 of the same entries, so this run was not started`,
    facts: { run: first.id },
  });
  expect((await backend.runs.list(10)).map(({ id }) => id)).toEqual([first.id]);

  expect(await start(world.entries.slice(6))).toMatchObject({ state: "running" });
  expect(await start(world.entries.slice(4), true)).toMatchObject({ state: "running" });
  await cancelRun({ backend, by: "ada@test" }, first.id);
});

it("of two that start at once on the same entries, exactly one goes on", async () => {
  world = await setUpCrewWorld({ backend, rows: 4 });
  const ends = await Promise.allSettled([start(world.entries), start(world.entries), start(world.entries)]);
  expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const end of ends) if (end.status === "rejected") expect(end.reason).toMatchObject({ code: "entries_busy" });
});
