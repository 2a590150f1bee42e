import { hostname } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import { REFUSALS } from "../../src/demo/settings.ts";
import type { RunView } from "../../src/runs/view.ts";
import { quickestForTest } from "../datastores.ts";
import { until } from "../until.ts";
import { backendForTest } from "./backend-for-test.ts";
import { historyOf } from "./history.ts";
import { AT_ONCE, patchesOf, setUpWorld, type World } from "./world.ts";

const SECOND = 1_000;
const SLOW = { latency: { minMs: 40, maxMs: 80 } };
const ROWS = 300;

let world: World;
afterEach(() => world.close());

describe("a token that expires in the middle", () => {
  it("halts the run for every process within a second, fails no row, and resume goes on after the fix", async (context) => {
    world = await setUpWorld({ rows: ROWS, api: SLOW, settings: await backendForTest("redis", context) });
    const { api, desk } = world;
    const workers = [desk.start(["worker"]), desk.start(["worker"])];
    await until("the workers are ready", () =>
      workers.every(({ output }) => output().stderr.includes("worker is ready")),
    );
    const working = desk.start(["run", "changes.csv", "--yes", "--json"]);
    const id = await world.runOf(working);
    await until("the first rows are sent", () => patchesOf(api).length > 40);
    api.set({ refuseAll: REFUSALS.expiredToken });

    const { code, json } = await working.ended;
    expect(code).toBe(4);
    const halted = json<RunView>();
    expect(halted.state).toBe("halted");
    expect(halted.reason).toMatch(
      /^Cloudflare does not accept the API token: .* \(status 403, code 9109: Invalid access token\); put a valid token in CLOUDFLARE_API_TOKEN, then try again \(found by process \d+ of \S+@\S+\)$/,
    );
    const pids = [working, ...workers].map(({ child }) => child.pid);
    expect(pids).toContain(Number(/process (\d+) of/.exec(halted.reason!)![1]));
    expect(halted.reason).toContain(`@${hostname()})`);
    const shown = (await desk.call(["status", id])).stdout;
    expect(shown).toMatch(/^Run \S+ is halted/m);
    expect(shown).toContain(
      `Reason: ${halted.reason}\nFind the cause with bulkpatch doctor, then go on with: bulkpatch resume ${id}\n`,
    );
    const halting = (await historyOf(desk, id)).find(({ what }) => what === "halted")!;
    expect(patchesOf(api).at(-1)!.at - halting.at).toBeLessThan(SECOND);
    const ok = patchesOf(api).filter(({ status }) => status === 200).length;
    expect(halted.outcomes).toMatchObject({ updated: ok, failed: 0, rejected_by_api: 0 });

    api.set({ refuseAll: null, ...AT_ONCE });
    const resumed = await desk.call(["resume", id, "--json"]);
    expect(resumed.code).toBe(0);
    expect(resumed.json<RunView>()).toMatchObject({ state: "finished", reason: null, outcomes: { updated: ROWS } });
    expect(world.differences()).toEqual([]);
    expect(patchesOf(api).filter(({ status }) => status === 200)).toHaveLength(ROWS);
  });

  it("that only one worker still has is told by its process", async (context) => {
    world = await setUpWorld({ rows: ROWS, api: SLOW, settings: await backendForTest("redis", context) });
    const { desk } = world;
    const { id } = (await desk.call(["run", "changes.csv", "--yes", "--detach", "--json"])).json<RunView>();
    const bad = desk.start(["worker"], { env: { CLOUDFLARE_API_TOKEN: "an-old-token-that-was-revoked" } });
    const byBad = async (): Promise<RunView> => {
      const ended = await desk.call(["status", id, "--watch", "--json"]);
      const run = ended.json<RunView>();
      expect(run).toMatchObject({
        state: "halted",
        reason: expect.stringContaining(`(found by process ${bad.child.pid} of `),
      });
      return run;
    };
    await byBad();
    expect((await desk.call(["resume", id, "--json"])).code).toBe(4);
    expect((await byBad()).outcomes.failed).toBe(0);
    bad.child.kill("SIGTERM");
    expect((await bad.ended).code).toBe(0);
    expect((await desk.call(["resume", id])).code).toBe(0);
    expect(world.differences()).toEqual([]);
  });
});

it("a plan that meets a bad token ends with 4, and makes no run", async () => {
  world = await setUpWorld({ rows: 10, settings: await quickestForTest() });
  world.api.set({ refuseAll: REFUSALS.notEntitled });
  const { code, json } = await world.desk.call(["run", "changes.csv", "--yes", "--json"]);
  expect(code).toBe(4);
  expect(json()).toMatchObject({
    error: { code: "not_entitled", remedy: expect.stringContaining("CLOUDFLARE_ACCOUNT_ID") },
  });
});

describe("--max-changes", () => {
  it.for([
    ["a number", "30", 30],
    ["a share of the registry", "20%", 8],
  ] as const)("%s halts before anything is sent, and names the flag that allows it", async ([, limit, allowed]) => {
    world = await setUpWorld({ rows: 40, settings: await quickestForTest() });
    const { api, desk } = world;
    const halted = await desk.call(["run", "changes.csv", "--yes", "--json", "--max-changes", limit]);
    expect(halted.code).toBe(4);
    const { id, state, reason, outcomes } = halted.json<RunView>();
    expect(state).toBe("halted");
    expect(outcomes.updated).toBe(0);
    expect(reason).toBe(`the run would update 40 entries, and its limit is ${allowed}; nothing was sent`);
    expect(patchesOf(api)).toEqual([]);
    const refused = await desk.call(["resume", id, "--max-changes", "39"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("the run would update 40 entries, and its limit is 39");
    const allowing = await desk.call(["resume", id, "--max-changes", "40", "--json"]);
    expect(allowing.code).toBe(0);
    expect(allowing.json<RunView>().outcomes.updated).toBe(40);
  });

  it("lets a run through that changes no more", async () => {
    world = await setUpWorld({ rows: 40, settings: await quickestForTest() });
    const run = await world.desk.call([
      "run",
      "changes.csv",
      "--yes",
      "--json",
      "--max-changes",
      "100%",
      "--canary",
      "3",
    ]);
    expect(run.json<RunView>()).toMatchObject({ state: "finished", outcomes: { updated: 40 } });
  });
});
