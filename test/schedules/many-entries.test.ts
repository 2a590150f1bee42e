import { afterEach, expect, test } from "vitest";
import { isOver } from "../../src/runs/states.ts";
import { runOnce } from "../../src/schedules/run-once.ts";
import { Crew } from "../../workers/crew.ts";
import { until } from "../until.ts";
import { type KeeperWorld, setUpKeeperWorld } from "./keeper-world.ts";
import { oneBackend } from "./one-backend.ts";

const backend = oneBackend();
let world: KeeperWorld;
afterEach(async () => {
  await world.close();
});

test("10,000 entries with 200 differences, at three workers: the listing's pages and 200 updates, and then the pages alone", async () => {
  world = await setUpKeeperWorld(backend(), { size: 10_000 });
  const { list, people, add, keeper, occasions, newest, requests, clock } = world;
  const wanted = people().map((person, n) => (n % 50 === 0 ? { ...person, comments: "moved" } : person));
  await list(wanted);
  const name = await add();
  clock.now = Date.parse("2026-03-03T01:31:00Z");
  requests();
  const keepers = [keeper(), keeper(), keeper()];
  const { accountId } = keepers[0]!.registry.api;
  const crews = keepers.map(
    ({ registry }) =>
      new Crew({
        backend: backend(),
        accountId,
        connect: registry.connect,
        concurrency: 8,
        by: "crew@test",
        now: () => clock.now,
      }),
  );
  try {
    await Promise.all([...crews.map((crew) => crew.start()), ...keepers.map((one) => runOnce(one))]);
    const run = (await occasions(name))[0]!.run!;
    await until("the run is over", async () => isOver((await backend().runs.get(run))!.state));
    await Promise.all(keepers.map((one) => runOnce(one)));
  } finally {
    await Promise.all(crews.map((crew) => crew.stop()));
  }
  expect(await newest(name)).toEqual({ state: "done", reason: null, changes: 200 });
  const first = requests();
  // Pages of a thousand overlap, so that none slips through: eleven instead of ten.
  expect(first).toEqual({ GET: 11, PATCH: 200 });
  expect(people()).toEqual(wanted);

  clock.now = Date.parse("2026-03-04T01:31:00Z");
  await Promise.all(keepers.map((one) => runOnce(one)));
  expect(await newest(name)).toEqual({ state: "in_sync", reason: null, changes: 0 });
  expect(requests()).toEqual({ GET: 11, PATCH: 0 });
});
