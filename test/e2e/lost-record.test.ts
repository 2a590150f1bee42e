import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { Client } from "pg";
import { afterEach, expect, it } from "vitest";
import { until } from "../until.ts";
import { type BACKENDS, backendForTest } from "./backend-for-test.ts";
import { reportedOutcomes } from "./reported-outcomes.ts";
import { patchesOf, setUpWorld, type World } from "./world.ts";

const CONCURRENCY = 4;
/** Requests a second. */
const RATE = 40;

let world: World;
afterEach(() => world.close());

async function inPostgres(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

const LOSSES: {
  kind: (typeof BACKENDS)[number];
  what: string;
  /** Part of the message. */
  said: string;
  lose: (address: string) => Promise<unknown>;
  /** Until a look at the record fails; default: at once. */
  noticedMs?: number;
}[] = [
  {
    kind: "redis",
    what: "a Redis that is emptied",
    said: "evicted",
    lose: async (url) => {
      const redis = new Redis(url);
      await redis.flushdb();
      await redis.quit();
    },
  },
  {
    kind: "postgres",
    what: "a PostgreSQL that is put back to before the run",
    said: "put back to before the run",
    lose: (url) => inPostgres(url, "TRUNCATE bulkpatch.run CASCADE"),
  },
  {
    kind: "postgres",
    what: "a PostgreSQL whose tables are gone",
    said: "made anew",
    // Out of reach in one step. To drop table after table deadlocks now and then with a process that is recording.
    lose: (url) => inPostgres(url, "ALTER SCHEMA bulkpatch RENAME TO gone; ALTER SCHEMA bullmq RENAME TO gone_queues"),
  },
  {
    kind: "embedded",
    what: "an embedded folder that is moved away",
    said: "the folder was removed or moved away",
    lose: (folder) => rename(folder, `${folder}.away`),
    // it is looked once a second whether it is there
    noticedMs: 1_000,
  },
];

it.for(LOSSES)(
  "$what in mid-run ends the run with what this process recorded",
  async ({ kind, said, lose, noticedMs = 0 }, context) => {
    const settings = await backendForTest(kind, context);
    const slow = { BULKPATCH_RATE: `${RATE}/1s`, BULKPATCH_CONCURRENCY: String(CONCURRENCY) };
    world = await setUpWorld({ rows: 400, settings: { ...settings, ...slow } });
    const { api, desk } = world;
    const working = desk.start(["run", "changes.csv", "--yes", "--json", "--report-dir", "report"]);
    const id = await world.runOf(working);
    await until("some rows are sent", () => patchesOf(api).length >= 20);
    await lose(Object.values(settings)[0]!);
    const sent = patchesOf(api).length;

    const { code, stdout } = await working.ended;
    expect(code).toBe(1);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    expect(error.code).toBe("run_gone");
    expect(error.message).toContain(`the record of run ${id} is gone from `);
    expect(error.message).toContain(said);
    // what was in flight, and what a look of a quarter of a second lets out
    expect(patchesOf(api).length - sent).toBeLessThanOrEqual(CONCURRENCY + 12 + (noticedMs / 1_000) * RATE);

    const reported = await reportedOutcomes(desk);
    expect(reported.size).toBeGreaterThanOrEqual(sent - CONCURRENCY);
    expect(new Set(reported.values())).toEqual(new Set(["updated"]));
    expect([...reported.keys()]).toEqual([...reported.keys()].toSorted((a, b) => a - b));
    expect(world.differences(0).length).toBeGreaterThanOrEqual(reported.size);
    expect(await readFile(join(desk.folder, "report", "report.html"), "utf8")).toContain("is gone from ");
  },
);
