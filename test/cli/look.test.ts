import { afterEach, expect, it } from "vitest";
import type { RunView } from "../../src/runs/view.ts";
import { patchesOf, setUpWorld, type World } from "../e2e/world.ts";

let world: World;
afterEach(() => world.close());

it("looks at the newest run where none is named, at runs by state and time, and at a run before it is one", async () => {
  world = await setUpWorld({ rows: 3 });
  const { api, desk } = world;
  const none = await desk.run(["status", "--json"]);
  expect(none.code).toBe(1);
  expect(none.json()).toMatchObject({
    error: { code: "run_not_found", remedy: "there are no runs here yet; `bulkpatch run FILE` starts one" },
  });

  const dry = await desk.run(["run", "changes.csv", "--dry-run", "--json"]);
  expect(dry.code).toBe(0);
  expect(dry.json()).toMatchObject({ summary: { update: 3 } });
  expect(patchesOf(api)).toEqual([]);
  expect((await desk.run(["runs", "--json"])).json()).toEqual({ runs: [] });

  const { id } = (await desk.run(["run", "changes.csv", "-y", "--json"])).json<RunView>();
  expect((await desk.run(["status", "--json"])).json<RunView>().id).toBe(id);
  const listed = async (...flags: string[]): Promise<string[]> =>
    (await desk.run(["runs", "--json", ...flags])).json<{ runs: RunView[] }>().runs.map((run) => run.id);
  expect(await listed("--state", "finished", "--since", "2020-01-01")).toEqual([id]);
  expect(await listed("--state", "halted,paused")).toEqual([]);
  expect(await listed("--since", "2999-01-01")).toEqual([]);

  const wrong = await desk.run(["runs", "--state", "done"]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('--state: expected states of a run, found "done"');
});
