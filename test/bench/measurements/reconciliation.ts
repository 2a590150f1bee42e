import { tmpdir } from "node:os";
import { openBackend } from "../../../src/backends/open.ts";
import { setUpKeeperWorld } from "../../schedules/keeper-world.ts";
import { startRedis } from "../../start-redis.ts";
import { figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";

/** Of so many entries one differs. */
const ONE_IN = 50;

/** Requests that a schedule's occasion takes where 2 % of the entries differ, and the one after it, where none does. */
export const measureReconciliation: Measure = async function* ({ say }) {
  const redis = await startRedis();
  const backend = await openBackend({ url: redis.url, dataDir: tmpdir() });
  try {
    for (const size of [1_000, 10_000, 100_000]) {
      const count = `${size.toLocaleString("en-US")} entries`;
      say(count);
      const world = await setUpKeeperWorld(backend, { size });
      const wanted = world.people().map((person, n) => (n % ONE_IN === 0 ? { ...person, comments: "moved" } : person));
      await world.list(wanted);
      const name = await world.add();
      await world.pass("2026-03-03T01:31:00Z");
      const first = world.requests();
      await world.pass("2026-03-04T01:31:00Z");
      const second = world.requests();
      const states = (await world.occasions(name)).map(({ state }) => state).join(", ");
      await world.close();
      if (states !== "in_sync, done") throw new Error(`of the two occasions came: ${states}`);

      const changes = size / ONE_IN;
      const naive = 2 * size;
      const what = `${count}, 2 % differ (a GET and a PATCH each: ${naive.toLocaleString("en-US")})`;
      yield figure(what, first.GET + first.PATCH, "requests", { atMost: pagesOf(size) + changes });
      yield figure(`${count}, of a GET and a PATCH each`, (first.GET + first.PATCH) / naive, "times");
      yield figure(`${count}, right after it`, second.GET + second.PATCH, "requests", { atMost: pagesOf(size) });
    }
  } finally {
    await backend.close();
    await redis.stop();
  }
};

/** Pages of a thousand that overlap a little, so that no entry slips through. */
function pagesOf(entries: number): number {
  return Math.ceil((entries * 1.05) / 1_000) + 1;
}
