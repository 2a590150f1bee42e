import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import type { Backend } from "../../../src/backends/backend.ts";
import { openBackend } from "../../../src/backends/open.ts";
import { pauseRun } from "../../../src/runs/control.ts";
import { event, sampleRun } from "../../backends/sample-run.ts";
import { setUpDesk } from "../../e2e/run-cli.ts";
import { startRedis } from "../../start-redis.ts";
import { until } from "../../until.ts";
import { cpuMsOf } from "../cpu-of.ts";
import { type Figure, figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";
import { type StandIn, startStandIn } from "../stand-in.ts";
import { startUpdates } from "../ways/bulkpatch-run.ts";

/** Until what is done at the start is over. */
const SETTLE_MS = 5_000;
const WATCHED_MS = 25_000;

const ROWS = 2_000;

/**
 * What a `bulkpatch worker` takes that has nothing to do: alone, and beside 50 paused runs; each on a Redis of its own. And how
 * soon it then begins a run, and stops sending when that is paused.
 */
export const measureIdle: Measure = async function* () {
  const [alone, beside] = await Promise.all([watchIdle(0), watchIdle(50)]);
  yield* alone;
  yield* beside;
};

async function watchIdle(pausedRuns: number): Promise<Figure[]> {
  const redis = await startRedis();
  const connection = new Redis(redis.url);
  const api = await startStandIn({ entries: ROWS, settings: { latency: { minMs: 40, maxMs: 60 } } });
  const desk = await setUpDesk(api, { BULKPATCH_BACKEND_URL: redis.url });
  const backend = await openBackend({ url: redis.url, dataDir: desk.folder });
  for (let i = 0; i < pausedRuns; i += 1) {
    await backend.runs.create(sampleRun({ state: "paused", accountId: api.accountId }), event("paused"));
  }
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
      ...(await noticed(backend, api, where)),
    ];
  } finally {
    connection.disconnect();
    await backend.close();
    await desk.clear();
    await api.stop();
    await redis.stop();
  }
}

async function noticed(backend: Backend, api: StandIn, where: string): Promise<Figure[]> {
  const ids = (await api.entries()).map(({ id }) => id);
  const run = await startUpdates(backend, { api, ids, commentOf: (n) => `Comment ${n}` });
  const startedAt = Date.now();
  await until("rows are sent", async () => (await api.requests()).length > 50);
  const { events } = await pauseRun({ backend, by: "bench" }, run);
  const askedAt = events.find(({ what }) => what === "pausing")!.at;
  await until("the run is paused", async () => (await backend.runs.get(run))!.state === "paused");
  const sent = await api.requests();
  if (sent.length === ROWS) throw new Error("the run was over before it was paused");
  return [
    figure(`a worker ${where}: from a run's start to its first PATCH`, sent[0]!.at - startedAt, "ms", {
      atMost: 1_000,
    }),
    figure(`a worker ${where}: from a pause to the last PATCH`, sent.at(-1)!.at - askedAt, "ms", { atMost: 1_000 }),
  ];
}
