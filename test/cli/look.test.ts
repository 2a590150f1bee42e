import { afterEach, expect, it } from "vitest";
import type { EventView, ProgressView, RunView } from "../../src/runs/view.ts";
import { quickestForTest } from "../datastores.ts";
import { patchesOf, setUpWorld, type World } from "../e2e/world.ts";

type StatusDocument = RunView & { progress: ProgressView; workers: { pid: number }[]; events: EventView[] };

let world: World;
afterEach(() => world.close());

it("looks at the newest run where none is named, at runs by state and time, and at a run before it is one", async () => {
  world = await setUpWorld({ rows: 3, settings: await quickestForTest() });
  const { api, desk } = world;
  const none = await desk.call(["status", "--json"]);
  expect(none.code).toBe(1);
  expect(none.json()).toMatchObject({
    error: { code: "run_not_found", remedy: "there are no runs here yet; `bulkpatch run FILE` starts one" },
  });

  const dry = await desk.call(["run", "changes.csv", "--dry-run", "--json"]);
  expect(dry.code).toBe(0);
  expect(dry.json()).toMatchObject({ summary: { update: 3 } });
  expect(patchesOf(api)).toEqual([]);
  expect((await desk.call(["runs", "--json"])).json()).toEqual({ runs: [] });

  const { id } = (await desk.call(["run", "changes.csv", "-y", "--json"])).json<RunView>();
  expect((await desk.call(["status", "--json"])).json<RunView>().id).toBe(id);
  const listed = async (...flags: string[]): Promise<string[]> =>
    (await desk.call(["runs", "--json", ...flags])).json<{ runs: RunView[] }>().runs.map((run) => run.id);
  expect(await listed("--state", "finished", "--since", "2020-01-01")).toEqual([id]);
  expect(await listed("--state", "halted,paused")).toEqual([]);
  expect(await listed("--since", "2999-01-01")).toEqual([]);

  const wrong = await desk.call(["runs", "--state", "done"]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('--state: expected states of a run, found "done"');
});

it("says how far a run is, at what pace, and who works on it; and that nobody does", async () => {
  world = await setUpWorld({ rows: 400, api: { latency: { minMs: 2_000, maxMs: 2_000 } } });
  const { desk } = world;
  const running = desk.start(["run", "changes.csv", "--yes"]);
  const id = await world.runOf(running);
  const seen = (await desk.call(["status", "--json"])).json<StatusDocument>();
  expect(seen).toMatchObject({
    id,
    state: "running",
    progress: { doing: "sending", seconds_left: expect.any(Number) },
  });
  expect(seen.workers.map(({ pid }) => pid)).toEqual([running.child.pid]);
  expect(seen.events.map(({ what }) => what)).toEqual(["started", "queueing", "running"]);
  const { stdout } = await desk.call(["status", id]);
  expect(stdout).toMatch(/is running: \d+ of 400 rows done\n/);
  expect(stdout).toMatch(/\nstarted .* ago · .*about .* left\n/);
  expect(stdout).toContain(`\nWorking on it: process ${running.child.pid} on this machine\n`);

  running.child.kill("SIGKILL");
  await running.ended;
  const left = await desk.call(["status", id]);
  expect(left.stdout).toContain(`Nobody works on it. Go on with: bulkpatch resume ${id}`);
  expect(left.stdout).not.toMatch(/ left\n/);
  expect((await desk.call(["status", id, "--json"])).json<StatusDocument>()).toMatchObject({
    progress: { doing: "nobody", seconds_left: null },
    workers: [],
  });
});
