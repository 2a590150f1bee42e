import { afterEach, expect, it } from "vitest";
import type { RunView } from "../../src/runs/view.ts";
import { until } from "../until.ts";
import { backendForTest } from "./backend-for-test.ts";
import type { Started } from "./run-cli.ts";
import { setUpWorld, type World } from "./world.ts";

const SECOND = 1_000;
const WINDOW_MS = 3 * SECOND;
const LIMIT = { requests: 200, windowMs: WINDOW_MS, window: "sliding", blockMs: WINDOW_MS, retryAfter: true } as const;
const RATE = 190;

let world: World;
afterEach(() => world.close());

async function startWorkers(count: number): Promise<Started[]> {
  const workers = Array.from({ length: count }, () => world.desk.start(["worker"]));
  await until("the workers are ready", () =>
    workers.every(({ output }) => output().stderr.includes("worker is ready")),
  );
  return workers;
}

it("three worker processes keep to one budget, and use it", async (context) => {
  world = await setUpWorld({
    rows: 520,
    api: { limit: LIMIT, latency: { minMs: 30, maxMs: 90 } },
    settings: { BULKPATCH_RATE: `${RATE}/3s`, ...(await backendForTest("redis", context)) },
  });
  const { api, desk } = world;
  await startWorkers(3);
  const working = await desk.run(["run", "changes.csv", "--yes", "--no-work", "--json"]);
  const { state, outcomes, requests } = working.json<RunView>();
  // With the last outcome the run is over, and each process has counted its requests by then: the listing's, and one a row.
  expect([state, outcomes.updated, requests.total]).toEqual(["finished", 520, 521]);
  expect(api.requests().filter(({ status }) => status === 429)).toEqual([]);
  expect(api.mostInWindow(WINDOW_MS)).toBeLessThanOrEqual(LIMIT.requests);
  // from the second window on, until there was nothing left to send
  const sent = api.requests().map(({ at }) => at);
  const from = sent[0]! + WINDOW_MS;
  const to = sent.at(-1)!;
  const used = sent.filter((at) => at >= from).length / (((to - from) / WINDOW_MS) * RATE);
  // More than one worker's share. That it is 99 % where nobody is kept waiting for a core, simulations tell (budget.test.ts).
  expect(used).toBeGreaterThan(0.5);
});

it("one answer with 429 stops every process until it is over", async (context) => {
  world = await setUpWorld({
    rows: 400,
    api: { latency: { minMs: 10, maxMs: 30 } },
    settings: { BULKPATCH_RATE: "500/5s", ...(await backendForTest("redis", context)) },
  });
  const { api, desk } = world;
  await startWorkers(3);
  const working = desk.start(["run", "changes.csv", "--yes", "--no-work", "--json"]);
  await until("all are at work", () => api.requests().length > 60);
  api.script({ answer: { status: 429, code: 971, headers: { "retry-after": "2" } } });
  const { at } = await until("it is answered", () => api.requests().find(({ status }) => status === 429));
  const run = (await working.ended).json<RunView>();
  expect(run).toMatchObject({ state: "finished", outcomes: { updated: 400, failed: 0 } });
  const after = api.requests().filter((request) => request.at > at);
  const late = after.findIndex((request) => request.at >= at + 2 * SECOND);
  // Before that, only what the three had in hand when it was said; without it they sent a hundred a second.
  expect(late).toBeLessThanOrEqual(3 * 8);
  expect(after[late]!.at - at).toBeLessThan(10 * SECOND);
});
