import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { openBackend } from "../../../src/backends/open.ts";
import { event, sampleRun } from "../../backends/sample-run.ts";
import { setUpDesk } from "../../e2e/run-cli.ts";
import { startRedis } from "../../start-redis.ts";
import { until } from "../../until.ts";
import { cpuMsOf } from "../cpu-of.ts";
import { type Figure, figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";

/** Until what is done at the start is over. */
const SETTLE_MS = 5_000;
const WATCHED_MS = 25_000;

/** What a `bulkpatch worker` takes that has nothing to do: alone, and beside 50 paused runs; each on a Redis of its own. */
export const measureIdle: Measure = async function* () {
  const [alone, beside] = await Promise.all([watchIdle(0), watchIdle(50)]);
  yield* alone;
  yield* beside;
};

async function watchIdle(pausedRuns: number): Promise<Figure[]> {
  const redis = await startRedis();
  const connection = new Redis(redis.url);
  const accountId = "0".repeat(32);
  const desk = await setUpDesk(
    { baseUrl: "http://127.0.0.1:9", token: "nobody-asks-for-it", accountId },
    { BULKPATCH_BACKEND_URL: redis.url },
  );
  const backend = await openBackend({ url: redis.url, dataDir: desk.folder });
  for (let i = 0; i < pausedRuns; i += 1) {
    await backend.runs.create(sampleRun({ state: "paused", accountId }), event("paused"));
  }
  await backend.close();
  const commands = async (): Promise<number> =>
    Number(/total_commands_processed:(\d+)/.exec(await connection.info("stats"))![1]);
  try {
    const worker = desk.start(["worker"]);
    await until("the worker is ready", () => worker.output().stderr.includes("worker is ready"));
    await sleep(SETTLE_MS);
    const before = { at: performance.now(), commands: await commands(), cpuMs: cpuMsOf(worker.child.pid!) };
    await sleep(WATCHED_MS);
    const ms = performance.now() - before.at;
    const perSecond = ((await commands()) - before.commands - 1) / (ms / 1_000);
    const share = (100 * (cpuMsOf(worker.child.pid!) - before.cpuMs)) / ms;
    const where = pausedRuns === 0 ? "with nothing to do" : `beside ${pausedRuns} paused runs`;
    return [
      figure(`a worker ${where}: of a core`, share, "%", { atMost: 0.5 }),
      figure(`a worker ${where}: commands to Redis, those of scripts too`, perSecond, "/s", { atMost: 10 }),
    ];
  } finally {
    connection.disconnect();
    await desk.clear();
    await redis.stop();
  }
}
