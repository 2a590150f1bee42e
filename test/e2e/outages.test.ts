import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import type { RunView } from "../../src/runs/view.ts";
import type { StartedServer } from "../started-server.ts";
import { postgresPrograms, startPostgres } from "../start-postgres.ts";
import { hasRedisServer, startRedis } from "../start-redis.ts";
import { until } from "../until.ts";
import { backendForTest } from "./backend-for-test.ts";
import { patchesOf, setUpWorld, type World } from "./world.ts";

const WINDOW_MS = 5_000;
/** Whoever goes over it is blocked; the default rate of the commands here is a little under it. */
const LIMIT = { requests: 400, windowMs: WINDOW_MS, window: "sliding", blockMs: WINDOW_MS, retryAfter: true } as const;
const SETTINGS = { BULKPATCH_RATE: "380/5s" };

/** Every row has its outcome, the registry shows it, and the limit was kept. */
function expectAllUpdated({ differences, api }: World, run: RunView, rows: number): void {
  expect(run).toMatchObject({ state: "finished", outcomes: { updated: rows, failed: 0 } });
  expect(differences()).toEqual([]);
  expect(api.mostInWindow(WINDOW_MS)).toBeLessThanOrEqual(LIMIT.requests);
  expect(api.requests().filter(({ status }) => status === 429)).toEqual([]);
}

/** Stands in the place of a server that has ended until it was asked for a connection so many times; gives none. */
async function turnAway({ url }: StartedServer, times: number): Promise<void> {
  let asked = 0;
  const listener = createServer((socket) => {
    asked += 1;
    socket.destroy();
  });
  listener.listen(Number(new URL(url).port), "127.0.0.1");
  await once(listener, "listening");
  await until(`${times} connections were asked for`, () => asked >= times);
  listener.close();
  await once(listener, "close");
}

describe.each([
  { kind: "Redis", start: () => startRedis(), isHere: hasRedisServer, stop: "SIGKILL" },
  { kind: "PostgreSQL", start: startPostgres, isHere: () => postgresPrograms() !== null, stop: "SIGINT" },
] as const)("$kind that ends with $stop in the middle and is away for seconds", ({ start, isHere, stop }) => {
  it("costs no row an attempt, and the run goes on by itself", async ({ skip, onTestFinished }) => {
    if (!isHere()) skip("it is not here");
    const server = await start();
    onTestFinished(() => server.stop());
    const world = await setUpWorld({
      rows: 400,
      api: { latency: { minMs: 20, maxMs: 60 }, limit: LIMIT },
      settings: { ...SETTINGS, BULKPATCH_BACKEND_URL: server.url },
    });
    onTestFinished(() => world.close());
    const { api, desk } = world;
    const worker = desk.start(["worker"]);
    const working = desk.start(["run", "changes.csv", "--yes", "--json", "--attempts", "1"]);
    await until("the first rows are sent", () => patchesOf(api).length > 40);
    await server.kill(stop);
    const sent = patchesOf(api).length;
    await turnAway(server, 10);
    // eight rows in hand in each process may still end
    expect(patchesOf(api).length - sent).toBeLessThanOrEqual(2 * 8);
    await server.start();
    const { code, json, stderr } = await working.ended;
    expect(stderr).not.toMatch(/bug|\n {4}at /);
    expect(code).toBe(0);
    expectAllUpdated(world, json<RunView>(), 400);
    worker.child.kill("SIGTERM");
    expect((await worker.ended).code).toBe(0);
  });
});

// These wait for most of their time.
it.concurrent("an API that is down for a while is waited for, without a storm", async (context) => {
  const world = await setUpWorld({
    rows: 300,
    api: { latency: { minMs: 5, maxMs: 15 }, limit: LIMIT },
    settings: { ...SETTINGS, ...(await backendForTest("redis", context)) },
  });
  context.onTestFinished(() => world.close());
  const { api, desk } = world;
  const worker = desk.start(["worker"]);
  const working = desk.start(["run", "changes.csv", "--yes", "--attempts", "3", "--backoff", "500ms"]);
  await until("the first rows are sent", () => patchesOf(api).length > 40);
  api.set({ outage: "reset" });
  const before = patchesOf(api).length;
  const warning = /warning: the API did not answer several rows in a row, nothing is sent for \d/g;
  await until("it has waited a few times", () => (working.output().stderr.match(warning) ?? []).length >= 2, 60_000);
  // eight in hand, four requests each, in both processes; then one row after a pause
  expect(patchesOf(api).length - before).toBeLessThan(2 * 4 * (8 + 6));
  api.set({ outage: null });
  const { code, stderr } = await working.ended;
  expect(stderr).not.toMatch(/bug|\n {4}at /);
  expect(code).toBe(0);
  const { runs } = (await desk.call(["runs", "--json"])).json<{ runs: RunView[] }>();
  expectAllUpdated(world, runs[0]!, 300);
  worker.child.kill("SIGTERM");
  await worker.ended;
});

it.concurrent("a worker that can't resolve the API's name leaves its rows to one that can", async (context) => {
  const world = await setUpWorld({ rows: 100, settings: await backendForTest("redis", context) });
  context.onTestFinished(() => world.close());
  const { desk } = world;
  const started = await desk.call(["run", "changes.csv", "--yes", "--detach", "--json", "--backoff", "100ms"]);
  const { id } = started.json<RunView>();
  const lost = desk.start(["worker"], { env: { CLOUDFLARE_BASE_URL: "https://api.cloudflare.invalid/client/v4" } });
  await until("it has tried some", () => lost.output().stderr.includes("nothing is sent for"), 60_000);
  const resumed = await desk.call(["resume", id, "--json"]);
  expect(resumed.code).toBe(0);
  expect(resumed.json<RunView>().outcomes).toMatchObject({ updated: 100, failed: 0 });
  expect(world.differences()).toEqual([]);
  lost.child.kill("SIGTERM");
  await lost.ended;
});
