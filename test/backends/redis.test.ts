import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { EXCHANGE } from "../../src/backends/redis/budget-scripts.ts";
import { argumentsOf } from "../../src/backends/redis/budget-state.ts";
import { keys } from "../../src/backends/redis/keys.ts";
import { answerOf } from "../../src/budget/exchange.ts";
import { redisForTest } from "../datastores.ts";
import { describeBudget } from "./budget-contract.ts";
import { describePages } from "./pages-contract.ts";
import { describeQueue } from "./queue-contract.ts";
import { describeRunStores } from "./run-store-contract.ts";
import { describeScheduleStore } from "./schedule-store-contract.ts";
import { enqueueOutstanding } from "../../src/runs/enqueue.ts";
import { DEFAULT_RUN_OPTIONS } from "../../src/runs/run.ts";
import { ended, event, sampleRows, sampleRun } from "./sample-run.ts";
import { liveAndRemove } from "./whole-life.ts";

const url = await redisForTest();

describe.skipIf(url === null)("Redis", () => {
  let one: Backend;
  let two: Backend;
  let redis: Redis;
  beforeAll(async () => {
    [one, two] = await Promise.all([openBackend({ url, dataDir: "" }), openBackend({ url, dataDir: "" })]);
    redis = new Redis(url as string);
  });
  afterAll(async () => {
    redis.disconnect();
    await one.close();
    await two.close();
  });
  describeRunStores(() => [one, two]);
  describePages(() => [one, two]);
  describeBudget(
    () => [one, two],
    async (key, clock, ask) => {
      const script = `local clock = tonumber(table.remove(ARGV)) ${EXCHANGE}`;
      const answer = await redis.eval(script, 1, keys.budget(key), ...argumentsOf(ask), clock);
      return answerOf((answer as string[]).map(Number));
    },
  );
  describeScheduleStore(() => [one, two]);
  describeQueue(() => one);

  test("holds nothing of a run that was removed but what its account sent in the last day", async () => {
    const empty = (await redisForTest()) as string;
    const redis = new Redis(empty);
    const backend = await openBackend({ url: empty, dataDir: "" });
    await liveAndRemove(backend);
    expect((await redis.keys("*")).toSorted()).toEqual([
      "bulkpatch:count:changes",
      expect.stringMatching(/^bulkpatch:traffic:account:account:/),
    ]);
    await backend.close();
    redis.disconnect();
  });

  test("holds a waiting row with its share of a job in 450 bytes and one that has ended in 400", async () => {
    const empty = (await redisForTest()) as string;
    const redis = new Redis(empty);
    const backend = await openBackend({ url: empty, dataDir: "" });
    const { id } = sampleRun();
    const rows = sampleRows(2_000);
    const bytesPerRow = async (): Promise<number> => {
      let bytes = 0;
      for (const key of await redis.keys("*")) bytes += (await redis.memory("USAGE", key, "SAMPLES", 0)) ?? 0;
      return bytes / rows.length;
    };
    await backend.runs.create(sampleRun({ id }), event("planning"));
    await backend.rows.stage(id, rows);
    await enqueueOutstanding(backend, { id, options: { ...DEFAULT_RUN_OPTIONS, rowsAJob: 250 }, events: [] });
    expect(await bytesPerRow()).toBeLessThan(450);
    const all = Promise.withResolvers<void>();
    const worker = backend.worker(
      id,
      async ({ data }) => {
        const to = "to" in data ? data.to : data.n;
        await backend.rows.record(
          id,
          (await backend.rows.outstandingIn(id, data.n, to)).map(({ n }) => ended(n)),
        );
      },
      { concurrency: 16 },
    );
    worker.on("drained", () => all.resolve());
    void worker.run();
    await all.promise;
    await worker.close();
    expect(await bytesPerRow()).toBeLessThan(400);
    await backend.close();
    redis.disconnect();
  });
});
