import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openBackend } from "../../src/backends/open.ts";
import type { RunState } from "../../src/runs/run.ts";
import type { RunView } from "../../src/runs/view.ts";
import { quickestForTest } from "../datastores.ts";
import { commentOf } from "../runs/decided-rows.ts";
import { until } from "../until.ts";
import { backendForTest } from "./backend-for-test.ts";
import { reportedOutcomes } from "./reported-outcomes.ts";
import type { Started } from "./run-cli.ts";
import { patchesOf, setUpWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

/** Kills the command as soon as its run is in this state and has some rows. */
async function killWhen(
  state: RunState,
  command: Started,
  settings: Record<string, string>,
  requestsBefore = 0,
): Promise<string> {
  const alive = (): void => {
    if (command.child.exitCode !== null) throw new Error(command.output().stdout + command.output().stderr);
  };
  await until("the registry is listed", () => {
    alive();
    return world.api.requests().length > requestsBefore;
  });
  const backend = await openBackend({
    url: settings["BULKPATCH_BACKEND_URL"] ?? null,
    dataDir: settings["BULKPATCH_DATA_DIR"] ?? "",
  });
  try {
    return await until(`the run is ${state}`, async () => {
      const [run] = await backend.runs.list(1);
      alive();
      if (run?.state !== state || run.rows === 0) return null;
      command.child.kill("SIGKILL");
      return run.id;
    });
  } finally {
    await backend.close();
    await command.ended;
  }
}

/** Of many rows, the first 100 change something. */
async function writeSheet(rows: number): Promise<string> {
  const lines = world.entries.map(({ id, name }, n) => `${id},${name},${n < 100 ? commentOf(n) : ""}\n`);
  const text = `id,name,comments\n${lines.slice(0, rows).join("")}`;
  await writeFile(join(world.desk.folder, "changes.csv"), text);
  return text;
}

describe.each(["embedded", "redis"] as const)("kill -9 of the producer on %s", (kind) => {
  it("while rows are recorded: resume reads the same file again, and no other", async (context) => {
    const settings = await backendForTest(kind, context);
    world = await setUpWorld({ rows: 6_000, settings });
    const { api, desk } = world;
    const text = await writeSheet(6_000);
    const path = join(desk.folder, "changes.csv");
    const id = await killWhen("planning", desk.start(["run", "changes.csv", "--yes"]), settings);
    expect(patchesOf(api)).toEqual([]);

    await writeFile(path, text.replace("Changed by row 7", "Changed by hand"));
    const changed = await desk.call(["resume", id, "--json"]);
    expect(changed.code).toBe(1);
    expect(changed.json()).toEqual({
      error: {
        code: "source_changed",
        message: expect.stringMatching(
          new RegExp(
            `^run ${id} was cut off while its rows were recorded, and ${path} is not the file it was any more \\(sha256`,
          ),
        ),
        remedy: `put the file back as it was, or \`bulkpatch cancel ${id}\` and start a new run`,
      },
    });
    await rename(path, `${path}.away`);
    const gone = await desk.call(["resume", id]);
    expect(gone.code).toBe(1);
    expect(gone.stderr).toContain(path);
    expect(gone.stderr).not.toMatch(/bug|\n {4}at /);
    expect(patchesOf(api)).toEqual([]);

    await writeFile(path, text);
    const resumed = await desk.call(["resume", id, "--report-dir", "report", "--json"]);
    expect(resumed.code).toBe(0);
    expect(resumed.json<RunView>()).toMatchObject({
      state: "finished",
      rows: 6_000,
      outcomes: { updated: 100, unchanged: 5_900 },
    });
    expect((await reportedOutcomes(desk)).size).toBe(6_000);
    expect(patchesOf(api)).toHaveLength(100);
    expect(world.differences(100)).toEqual([]);
  });
});

it.each(["resume", "the same plan file again"])(
  "kill -9 while rows of a plan file are recorded: %s goes on with that run, without the spreadsheet",
  async (how) => {
    const settings = await quickestForTest();
    world = await setUpWorld({ rows: 6_000, settings });
    const { api, desk } = world;
    await writeSheet(6_000);
    await desk.call(["plan", "changes.csv", "--out", "plan.json"]);
    await rm(join(desk.folder, "changes.csv"));
    const asked = api.requests().length;
    const planned = ["run", "--plan", "plan.json", "--yes"];
    const id = await killWhen("planning", desk.start(planned), settings, asked);
    const ended = await desk.call([...(how === "resume" ? ["resume", id] : planned), "--json"]);
    expect(ended.json()).toMatchObject({ id, state: "finished", outcomes: { updated: 100, unchanged: 5_900 } });
    expect(patchesOf(api)).toHaveLength(100);
  },
);

it("kill -9 while rows from standard input are recorded: resume says that they can't be read again", async (context) => {
  const settings = await backendForTest("redis", context);
  world = await setUpWorld({ rows: 6_000, settings });
  const { desk } = world;
  const command = desk.start(["run", "-", "--yes"]);
  command.child.stdin!.end(await writeSheet(6_000));
  const id = await killWhen("planning", command, settings);
  const { code, json } = await desk.call(["resume", id, "--json"]);
  expect(code).toBe(1);
  expect(json()).toEqual({
    error: {
      code: "source_gone",
      message: expect.stringMatching(
        new RegExp(
          `^run ${id} was cut off while its rows were recorded \\(\\d+ of 6000\\), and they came from .*, which can't be read again$`,
        ),
      ),
      remedy: `\`bulkpatch cancel ${id}\`, then start a new run from the same data`,
    },
  });
  const cancelled = await desk.call(["cancel", id, "--json"]);
  expect(cancelled.json<RunView>()).toMatchObject({ state: "cancelled", outcomes: { cancelled: expect.any(Number) } });
});

it("kill -9 while rows are queued: another machine goes on without the file", async (context) => {
  const settings = await backendForTest("redis", context);
  world = await setUpWorld({ rows: 4_000, settings });
  const { api, desk } = world;
  // At a pace at which a job carries few rows, so that there are many to add.
  const working = desk.start(["run", "changes.csv", "--yes"], { env: { BULKPATCH_RATE: "5/1s" } });
  const id = await killWhen("queueing", working, settings);
  await rm(join(desk.folder, "changes.csv"));
  const home = await mkdtemp(join(tmpdir(), "bulkpatch-other-"));
  try {
    const resumed = await desk.call(["resume", id, "--json", "--report-dir", join(desk.folder, "report")], {
      env: { HOME: home, BULKPATCH_DATA_DIR: join(home, "data") },
    });
    expect(resumed.code).toBe(0);
    expect(resumed.json<RunView>()).toMatchObject({ state: "finished", outcomes: { updated: 4_000 } });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  expect((await reportedOutcomes(desk)).size).toBe(4_000);
  expect(patchesOf(api)).toHaveLength(4_000);
  expect(world.differences()).toEqual([]);
});
