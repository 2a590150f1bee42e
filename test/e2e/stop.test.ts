import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { RunView } from "../../src/runs/view.ts";
import { startOnTerminal } from "../cli/on-terminal.ts";
import { quickestForTest } from "../datastores.ts";
import { until } from "../until.ts";
import { backendForTest } from "./backend-for-test.ts";
import { AT_ONCE, patchesOf, setUpWorld, type World } from "./world.ts";

/** Slow enough to be stopped in the middle, also where the commands take long to start. */
const SLOW = { latency: { minMs: 250, maxMs: 350 } };
const ROWS = 200;

let world: World;
afterEach(() => world.close());

describe.each(["embedded", "redis"] as const)("Ctrl-C on %s", (kind) => {
  it("ends what is in flight, gives the rest back, and says how to go on", async (context) => {
    world = await setUpWorld({ rows: ROWS, api: SLOW, settings: await backendForTest(kind, context) });
    const { api, desk } = world;
    const working = desk.start(["run", "changes.csv", "--yes"]);
    const id = await world.runOf(working);
    await until("the first rows are sent", () => patchesOf(api).length > 20);
    working.child.kill("SIGINT");
    const { code, stderr } = await working.ended;
    expect(code).toBe(130);
    expect(stderr).toContain("Stopping: what is in flight ends first, within half a minute or so (again for at once).");
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(`Run ${id} is paused. Go on with: bulkpatch resume ${id}`);
    const sent = patchesOf(api).length;
    expect(sent).toBeLessThan(ROWS);

    api.set(AT_ONCE);
    const resumed = await desk.call(["resume", id, "--json"]);
    expect(resumed.code).toBe(0);
    expect(resumed.json<RunView>()).toMatchObject({ state: "finished", outcomes: { updated: ROWS } });
    // none was sent again: each that was in flight was heard out and recorded
    expect(patchesOf(api)).toHaveLength(ROWS);
    expect(world.differences()).toEqual([]);
  });

  it("twice ends at once", async (context) => {
    world = await setUpWorld({ rows: ROWS, api: SLOW, settings: await backendForTest(kind, context) });
    const { api, desk } = world;
    const working = desk.start(["run", "changes.csv", "--yes"]);
    const id = await world.runOf(working);
    await until("the first rows are sent", () => patchesOf(api).length > 20);
    api.set({ outage: "hang" });
    const sent = patchesOf(api).length;
    await until("calls hang", () => patchesOf(api).length >= sent + 8);
    working.child.kill("SIGINT");
    await until("it is stopping", () => working.output().stderr.includes("Stopping"));
    const asked = performance.now();
    working.child.kill("SIGINT");
    const { code, stderr } = await working.ended;
    // a call that hangs is given half a minute; a busy machine may take seconds for anything
    expect(performance.now() - asked).toBeLessThan(15_000);
    expect(code).toBe(130);
    expect(stderr).toContain("Stopped at once. Nothing is lost");
    api.set({ outage: null });
    api.set(AT_ONCE);
    const resumed = await desk.call(["resume", id, "--json"]);
    expect(resumed.json<RunView>()).toMatchObject({ state: "finished", outcomes: { updated: ROWS } });
    expect(world.differences()).toEqual([]);
  });
});

it("Ctrl-C while the registry is listed ends without a run", async () => {
  world = await setUpWorld({
    rows: ROWS,
    api: { outage: "hang" },
    settings: await quickestForTest(),
  });
  const working = world.desk.start(["run", "changes.csv", "--yes", "--json"]);
  await until("it asks for the listing", () => world.api.requests().length === 1);
  working.child.kill("SIGTERM");
  const { code, stderr, json } = await working.ended;
  expect(code).toBe(130);
  expect(stderr).toBe("Stopping.\nstopped: stopped by a signal\n  → run the same command again\n");
  expect(json()).toEqual({
    error: { code: "interrupted", message: "stopped by a signal", remedy: "run the same command again" },
  });
});

it("a worker that is told to end gives its rows to the others, and sends none twice", async (context) => {
  world = await setUpWorld({ rows: ROWS, api: SLOW, settings: await backendForTest("redis", context) });
  const { api, desk } = world;
  const { id } = (await desk.call(["run", "changes.csv", "--yes", "--detach", "--json"])).json<RunView>();
  const leaving = desk.start(["worker"]);
  await until("the first rows are sent", () => patchesOf(api).length > 20);
  const staying = desk.start(["worker"]);
  leaving.child.kill("SIGTERM");
  const { code, stderr } = await leaving.ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/"msg":"worker has stopped"/);
  expect(stderr).not.toMatch(/"level":[4-6]0/);
  api.set(AT_ONCE);
  const watched = await desk.call(["status", id, "--watch", "--json"]);
  expect(watched.json<RunView>()).toMatchObject({ state: "finished", outcomes: { updated: ROWS } });
  expect(patchesOf(api)).toHaveLength(ROWS);
  staying.child.kill("SIGTERM");
  await staying.ended;
});

it("Ctrl-C leaves a run to the workers that are there", async (context) => {
  world = await setUpWorld({ rows: ROWS, api: SLOW, settings: await backendForTest("redis", context) });
  const { api, desk } = world;
  const worker = desk.start(["worker"]);
  await until("the worker is ready", () => worker.output().stderr.includes("worker is ready"));
  const working = desk.start(["run", "changes.csv", "--yes"]);
  const id = await world.runOf(working);
  await until("the first rows are sent", () => patchesOf(api).length > 20);
  working.child.kill("SIGINT");
  const { code, stderr } = await working.ended;
  expect(code).toBe(130);
  expect(stderr.trimEnd().split("\n").at(-1)).toBe(
    `Left run ${id}: 1 other worker process will go on. See: bulkpatch status ${id} --watch`,
  );
  api.set(AT_ONCE);
  const watched = await desk.call(["status", id, "--watch", "--json"]);
  expect(watched.json<RunView>()).toMatchObject({ state: "finished", outcomes: { updated: ROWS } });
  expect(patchesOf(api)).toHaveLength(ROWS);
});

it("Ctrl-C ends a watch beside a process that is frozen, which is said", async (context) => {
  world = await setUpWorld({ rows: ROWS, api: SLOW, settings: await backendForTest("embedded", context) });
  const { desk } = world;
  const working = desk.start(["run", "changes.csv", "--yes"]);
  const id = await world.runOf(working);
  const watching = desk.start(["status", id, "--watch"]);
  await until("it watches", () => watching.output().stderr.includes("of 200 rows"));
  working.child.kill("SIGSTOP");
  await until("it says that nothing is answered", () =>
    watching.output().stderr.includes("does not answer; asking on"),
  );
  watching.child.kill("SIGINT");
  const { code, stdout, stderr } = await watching.ended;
  expect(code).toBe(130);
  expect(stderr).toContain("No longer watching; the run goes on.");
  expect(stdout).toContain(`Run ${id} is running`);
  world.api.set(AT_ONCE);
  working.child.kill("SIGCONT");
  expect((await working.ended).code).toBe(0);
});

it("Ctrl-C at the question changes nothing", async (context) => {
  world = await setUpWorld({ rows: 5, settings: await quickestForTest() });
  const { desk } = world;
  const { shown, type, ended } = await startOnTerminal(context, desk, "run changes.csv");
  await type(/Update 5 entries\? \[y\/N\]/, "\u0003");
  expect(await ended()).toBe(130);
  expect(shown()).toContain("stopped at the question; nothing was changed");
  expect(shown()).not.toMatch(/bug|AbortError/);
  expect(patchesOf(world.api)).toEqual([]);
});

it("sends colours to the terminal alone, not into the file beside it, and asks again after a bad answer", async (context) => {
  world = await setUpWorld({ rows: 5, settings: await quickestForTest() });
  const { desk } = world;
  const { folder, env } = desk;
  const { NO_COLOR: _, ...others } = env;
  const colourful = { folder, env: { ...others, TERM: "xterm" } };
  const { type, ended } = await startOnTerminal(context, colourful, "run changes.csv > result.txt");
  await type(/\[y\/N\]/, "what\r");
  await type(/Please answer y or n\./, "n\r");
  expect(await ended()).toBe(0);
  const result = await readFile(join(desk.folder, "result.txt"), "utf8");
  expect(result).toContain("changes.csv: 5 rows");
  expect(result).not.toContain("\u001B");
  expect(patchesOf(world.api)).toEqual([]);
});
