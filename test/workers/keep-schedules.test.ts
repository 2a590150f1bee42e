import { hostname } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { askForRun } from "../../src/schedules/control-schedule.ts";
import { keepSchedules } from "../../workers/keep-schedules.ts";
import { setUpKeeperWorld } from "../schedules/keeper-world.ts";
import { oneBackend } from "../schedules/one-backend.ts";
import { until } from "../until.ts";

const openBackend = oneBackend();

it("begins what is asked for without waiting for its next look at what is due", async (context) => {
  const backend = openBackend();
  const world = await setUpKeeperWorld(backend, { size: 3 });
  context.onTestFinished(() => world.close());
  await world.list(world.people());
  const { clock, folder: dataDir } = world;
  const source = { address: join(dataDir, "list.csv"), host: hostname(), read: {}, tokenFrom: null };
  const name = await world.add({ source });
  const { registry, by, environment } = world.keeper();
  const states: string[] = [];
  let looks = 0;
  const stop = keepSchedules({
    backend,
    registry,
    by,
    dataDir,
    environment,
    now: () => clock.now,
    onError: (error) => states.push(error.message),
    onPass: ({ occasions }) => {
      looks += 1;
      states.push(...occasions.map(({ state }) => state));
    },
  });
  context.onTestFinished(stop);
  await until("it has looked", () => looks > 0);
  const asked = performance.now();
  await askForRun(backend.schedules, name, { by: "ada@desk", now: clock.now });
  await until("it has begun", () => states.length > 0);
  expect(states).toEqual(["in_sync"]);
  // where nothing changes it looks every fifteen seconds
  expect(performance.now() - asked).toBeLessThan(10_000);
});
