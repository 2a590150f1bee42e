import { tmpdir } from "node:os";
import { Redis } from "ioredis";
import { openBackend } from "../../../src/backends/open.ts";
import { ended } from "../../backends/sample-run.ts";
import { startRedis } from "../../start-redis.ts";
import { figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";
import { startUpdates } from "../ways/bulkpatch-run.ts";

const ROWS = 20_000;
const AT_ONCE = 500;

/** What a row takes in Redis while it waits, with what queues it, and once it has ended: the growth of Redis, shared out over the rows. */
export const measureRedisMemory: Measure = async function* () {
  const redis = await startRedis();
  const connection = new Redis(redis.url);
  const used = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await connection.info("memory"))![1]);
  const backend = await openBackend({ url: redis.url, dataDir: tmpdir() });
  try {
    // The scripts and the first keys are not the rows'.
    const start = (rows: number): Promise<string> =>
      startUpdates(backend, {
        api: { baseUrl: "", token: "", accountId: "0".repeat(32) },
        ids: Array.from({ length: rows }, (_, n) => idOf(n)),
        commentOf: (n) => `Comment of number ${n} here`,
      });
    await start(1);
    const before = await used();
    const run = await start(ROWS);
    yield figure("a waiting row in Redis, with what queues it", ((await used()) - before) / ROWS, "bytes", {
      atMost: 450,
    });
    for (let from = 0; from < ROWS; from += AT_ONCE) {
      const results = Array.from({ length: AT_ONCE }, (_, i) => ended(from + i));
      await backend.rows.record(run, results);
    }
    const queue = backend.queue(run);
    await queue.obliterate({ force: true });
    await queue.close();
    yield figure("a row that has ended in Redis", ((await used()) - before) / ROWS, "bytes", { atMost: 400 });
  } finally {
    await backend.close();
    connection.disconnect();
    await redis.stop();
  }
};

function idOf(n: number): string {
  return `5a0ed0e4-3c1f-4d2a-9b7e-${String(n).padStart(12, "0")}`;
}
