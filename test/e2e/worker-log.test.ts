import { afterEach, expect, it } from "vitest";
import { REFUSALS } from "../../src/demo/settings.ts";
import type { RunView } from "../../src/runs/view.ts";
import { until } from "../until.ts";
import { backendForTest } from "./backend-for-test.ts";
import { setUpWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

interface Line {
  level: number;
  msg: string;
  runId?: string;
  state?: string;
  reason?: string;
}
const INFO = 30;
const ERROR = 50;

it("each worker's log tells the end of a run that it worked on, whichever made the move, and one tells a halt", async (context) => {
  const settings = await backendForTest("redis", context);
  world = await setUpWorld({ rows: 300, api: { latency: { minMs: 80, maxMs: 120 } }, settings });
  const { api, desk } = world;
  const workers = [desk.start(["worker"]), desk.start(["worker"])];
  const lines = (): Line[][] =>
    workers.map((worker) =>
      worker
        .output()
        .stderr.split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Line),
    );
  const all = async (what: string, fits: (line: Line) => boolean): Promise<Line[]> =>
    await until(what, () => {
      const found = lines().map((log) => log.find(fits));
      return found.every((line) => line !== undefined) && found;
    });
  await all("both are ready", ({ msg }) => msg === "worker is ready");

  const start = async (): Promise<string> =>
    (await desk.call(["run", "changes.csv", "--yes", "--detach", "--no-plan", "--json"])).json<RunView>().id;
  const first = await start();
  const finished = await all("the end", ({ runId, state }) => runId === first && state === "finished");
  expect(finished.map(({ level }) => level)).toEqual([INFO, INFO]);

  api.set({ refuseAll: REFUSALS.expiredToken });
  const second = await start();
  const { level, reason } = await until("the halt", () =>
    lines()
      .flat()
      .find(({ runId, state }) => runId === second && state === "halted"),
  );
  expect(level).toBe(ERROR);
  expect(reason).toContain("Cloudflare does not accept the API token");
});
