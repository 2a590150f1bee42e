import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { RunView } from "../../src/runs/view.ts";
import { until } from "../until.ts";
import { backendForTest } from "./backend-for-test.ts";
import { patchesOf, setUpWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

describe.each(["embedded", "redis"] as const)("asked for what is so already on %s", (kind) => {
  it("resume of a run that is over sees to its report and ends with the run's own code", async (context) => {
    world = await setUpWorld({ rows: 5, settings: await backendForTest(kind, context) });
    const { api, desk, entries } = world;
    api.registry.delete(entries[0]!.id); // a row that is rejected: the run's own code is 3
    const first = await desk.call(["run", "changes.csv", "--yes", "--json", "--report-dir", "report"]);
    expect(first.code).toBe(3);
    const { id } = first.json<RunView>();
    const page = join(desk.folder, "report", "report.html");
    await rm(page);

    const again = await desk.call(["resume", id, "--json"]);
    expect(again.code).toBe(3);
    expect(again.json<RunView>()).toMatchObject({ id, state: "finished" });
    expect(existsSync(page)).toBe(true);
    expect((await desk.call(["resume", id, "--detach", "--report-dir", "elsewhere"])).code).toBe(3);
    expect(existsSync(join(desk.folder, "elsewhere", "report.csv"))).toBe(true);
    expect(patchesOf(api)).toHaveLength(4);

    expect((await desk.call(["pause", id])).code).toBe(1); // there is nothing that could rest
  });

  it("pause of a paused run and cancel of a cancelled one succeed", async (context) => {
    const settings = { ...(await backendForTest(kind, context)), BULKPATCH_RATE: "5/1s" };
    world = await setUpWorld({ rows: 60, settings });
    const { api, desk } = world;
    const working = desk.start(["run", "changes.csv", "--yes"]);
    const id = await world.runOf(working);
    await until("the first rows are sent", () => patchesOf(api).length > 2);
    working.child.kill("SIGINT");
    await working.ended;
    for (const command of ["pause", "pause", "cancel", "cancel"]) {
      const ended = await desk.call([command, id, "--json"]);
      expect(ended.code, command).toBe(0);
      expect(ended.json<RunView>().state).toBe(command === "pause" ? "paused" : "cancelled");
    }
    expect((await desk.call(["resume", id])).code).toBe(130);
  });
});

it("a run that only watches ends where nothing is to be sent and no worker is there", async (context) => {
  world = await setUpWorld({ rows: 3, settings: await backendForTest("redis", context) });
  expect((await world.desk.call(["run", "changes.csv", "--yes"])).code).toBe(0);
  const watching = await world.desk.call(["run", "changes.csv", "--yes", "--no-work", "--json"]);
  expect(watching.code).toBe(0);
  expect(watching.json<RunView>()).toMatchObject({ state: "finished", outcomes: { unchanged: 3 } });
});

describe("a run that nobody works on", () => {
  it("is said to be so by --watch, which gives up after a while", async (context) => {
    world = await setUpWorld({ rows: 3, settings: await backendForTest("redis", context) });
    const detached = await world.desk.call(["run", "changes.csv", "--yes", "--detach", "--json"]);
    const { id } = detached.json<RunView>();
    expect(detached.stderr).toContain("No worker of this account is alive");
    const { code, stdout, stderr } = await world.desk.call(["status", id, "--watch", "--wait", "1s"]);
    expect(code).toBe(1);
    expect(stderr).toContain("nobody works on it");
    expect(stderr).not.toContain("left");
    expect(stdout).toContain(`Nobody works on it. Go on with: bulkpatch resume ${id}`);
  });

  it("workers of another account do not count as its workers", async (context) => {
    world = await setUpWorld({ rows: 3, settings: await backendForTest("redis", context) });
    const { desk } = world;
    const stranger = desk.start(["worker"], { env: { CLOUDFLARE_ACCOUNT_ID: "f".repeat(32) } });
    await until("the worker is ready", () => stranger.output().stderr.includes("worker is ready"));
    const detached = await desk.call(["run", "changes.csv", "--yes", "--detach"]);
    expect(detached.stderr).toContain("No worker of this account is alive");
  });
});

it("a report folder that can't be written is said before anything is sent, and after it does not change how the run ended", async (context) => {
  world = await setUpWorld({
    rows: 40,
    settings: { ...(await backendForTest("redis", context)), BULKPATCH_RATE: "20/1s" },
  });
  const { api, desk } = world;
  await writeFile(join(desk.folder, "taken"), "a file, not a folder");
  const refused = await desk.call(["run", "changes.csv", "--yes", "--json", "--report-dir", "taken"]);
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "report_not_written" } });
  expect(patchesOf(api)).toEqual([]);

  const working = desk.start(["run", "changes.csv", "--yes", "--report-dir", "report"]);
  const id = await world.runOf(working);
  await rm(join(desk.folder, "report"), { recursive: true, force: true });
  await writeFile(join(desk.folder, "report"), "somebody put a file here");
  const { code, stderr } = await working.ended;
  expect(code).toBe(0);
  expect(stderr).toContain("can't write the report");
  expect(stderr).toContain(`bulkpatch report ${id}`);
});
