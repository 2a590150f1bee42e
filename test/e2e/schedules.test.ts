import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openBackend } from "../../src/backends/open.ts";
import { askForRun } from "../../src/schedules/control-schedule.ts";
import { decodeOccasion } from "../../src/schedules/occasion.ts";
import type { OccasionView, ScheduleView } from "../../src/schedules/view.ts";
import { redisForTest } from "../datastores.ts";
import { until } from "../until.ts";
import { setUpWorld, type World } from "./world.ts";

let world: World;
afterEach(async () => {
  await world.close();
});

const url = await redisForTest();

describe("a schedule from the command line, on the embedded backend", () => {
  test("is tried dry, sends, is held, approved and carried out", { timeout: 300_000 }, async () => {
    world = await setUpWorld({ rows: 50 });
    const { api, desk, entries } = world;
    const schedule = (...args: string[]) => desk.call(["schedule", ...args, "--json"]);
    const listOf = (comment: (n: number) => string | null): Promise<void> =>
      writeFile(
        join(desk.folder, "people.csv"),
        `id,comments\n${entries.map(({ id, comments }, n) => `${id},"${(comment(n) ?? comments ?? "").replaceAll('"', '""')}"\n`).join("")}`,
      );

    await listOf((n) => (n < 5 ? "first" : null));
    const added = await schedule(
      "add",
      "hr",
      "people.csv",
      "--cron",
      "0 3 * * *",
      "--tz",
      "Europe/Berlin",
      "--dry-run",
    );
    expect(added.json<ScheduleView>()).toMatchObject({
      name: "hr",
      source: join(desk.folder, "people.csv"),
      cron: "0 3 * * *",
      time_zone: "Europe/Berlin",
      state: "active",
      last: null,
      held: null,
      dry_run: true,
    });
    expect(added.stderr).toMatch(/Nobody keeps the schedules: leave `bulkpatch serve` running/);
    expect(await schedule("add", "hr", "people.csv", "--cron", "0 3 * * *")).toMatchObject({ code: 1 });

    const dry = await schedule("run-now", "hr");
    expect(dry.json<OccasionView>()).toMatchObject({ schedule: "hr", state: "drift", changes: 5, run: null });
    expect(dry.code).toBe(5);

    expect((await schedule("add", "hr", "people.csv", "--cron", "0 3 * * *", "--replace")).code).toBe(0);
    const real = await desk.run(["schedule", "run-now", "hr", "--json"]);
    const { state, changes, run } = real.json<OccasionView>();
    expect({ code: real.code, state, changes }).toEqual({ code: 0, state: "done", changes: 5 });
    expect(api.requests().filter(({ method }) => method === "PATCH")).toHaveLength(5);
    const summary = await readFile(join(desk.folder, "bulkpatch-reports", run!, "summary.json"), "utf8");
    expect(JSON.parse(summary)).toMatchObject({ run, outcomes: { updated: 5, unchanged: 45 } });

    await listOf((n) => (n < 30 ? "second" : null));
    const held = await schedule("run-now", "hr");
    expect(held.code).toBe(4);
    expect(held.json<OccasionView>()).toMatchObject({ state: "held", reason: "max_changes", changes: 30 });
    const [shown] = (await schedule("list")).json<{ schedules: [ScheduleView] }>().schedules;
    expect(shown).toMatchObject({
      state: "held",
      held: { reason: "max_changes", rows: expect.arrayContaining([2, 31]) },
    });

    const wrong = await schedule("approve", "hr", "--digest", "0123456789abcdef");
    expect(wrong.code).toBe(1);
    expect(wrong.json()).toMatchObject({ error: { code: "digest_changed" } });
    expect((await schedule("approve", "hr", "--digest", shown.held!.digest!)).code).toBe(0);
    const due = await schedule("run-due");
    expect(due.code).toBe(0);
    expect(due.json<{ occasions: OccasionView[] }>().occasions).toMatchObject([
      { state: "done", changes: 30, digest: shown.held!.digest, approved_by: { by: expect.stringContaining("@") } },
    ]);
    const all = (await schedule("occasions", "hr")).json<{ occasions: OccasionView[] }>().occasions;
    expect(all.map((occasion) => occasion.state)).toEqual(["done", "held", "done", "drift"]);
    expect((await schedule("run-due")).json()).toEqual({ occasions: [] });
    expect((await schedule("remove", "hr")).code).toBe(0);
    expect((await schedule("show", "hr")).json()).toMatchObject({ error: { code: "schedule_not_found" } });
  });
});

test.skipIf(url === null)("a worker keeps the schedules of its account", { timeout: 300_000 }, async () => {
  world = await setUpWorld({ rows: 20, settings: { BULKPATCH_BACKEND_URL: url! } });
  const { desk, differences } = world;
  expect(
    (
      await desk.call([
        "schedule",
        "add",
        "hr",
        "changes.csv",
        "--cron",
        "0 3 1 1 *",
        "--max-changes",
        "100%",
        "--max-changes-week",
        "100%",
      ])
    ).code,
  ).toBe(0);
  const backend = await openBackend({ url, dataDir: "" });
  try {
    const dueAt = await askForRun(backend.schedules, "hr", { by: "ada@desk", now: Date.now() });
    const worker = desk.start(["worker"]);
    const done = await until(
      "the occasion has ended",
      async () => {
        const kept = await backend.schedules.occasion("hr", dueAt);
        return kept !== null && kept.state !== "running" && decodeOccasion(kept);
      },
      60_000,
    );
    expect(done).toMatchObject({ state: "done", changes: 20, askedBy: "ada@desk" });
    expect(differences()).toEqual([]);
    worker.child.kill("SIGTERM");
    expect((await worker.ended).code).toBe(0);
    expect(worker.output().stderr).toMatch(/"schedule":"hr".*"state":"done".*"occasion"/);
  } finally {
    await backend.close();
  }
});

test.skipIf(url === null)(
  "three workers reconcile 10,000 entries with 200 differences by the listing's pages and 200 updates",
  { timeout: 300_000 },
  async () => {
    world = await setUpWorld({ rows: 10_000, settings: { BULKPATCH_BACKEND_URL: (await redisForTest())! } });
    const { api, desk, entries } = world;
    const rows = entries.map(
      ({ id, comments }, n) => `${id},"${n % 50 === 0 ? "moved" : (comments ?? "").replaceAll('"', '""')}"\n`,
    );
    await writeFile(join(desk.folder, "people.csv"), `id,comments\n${rows.join("")}`);
    expect((await desk.call(["schedule", "add", "hr", "people.csv", "--cron", "0 3 1 1 *"])).code).toBe(0);
    const workers = [1, 2, 3].map(() => desk.start(["worker"]));
    const backend = await openBackend({ url: desk.env["BULKPATCH_BACKEND_URL"]!, dataDir: "" });
    let seen = 0;
    const reconcile = async (): Promise<{ state: string; changes: number | null; GET: number; PATCH: number }> => {
      seen = api.requests().length;
      const dueAt = await askForRun(backend.schedules, "hr", { by: "ada@desk", now: Date.now() });
      const { state, changes } = await until(
        "the occasion has ended",
        async () => {
          const kept = await backend.schedules.occasion("hr", dueAt);
          return kept !== null && kept.state !== "running" && decodeOccasion(kept);
        },
        90_000,
      );
      const sent = api.requests().slice(seen);
      const count = (method: string): number => sent.filter((request) => request.method === method).length;
      return { state, changes, GET: count("GET"), PATCH: count("PATCH") };
    };
    try {
      // pages of a thousand overlap, so that none slips through: eleven instead of ten
      expect(await reconcile()).toEqual({ state: "done", changes: 200, GET: 11, PATCH: 200 });
      const wanted = entries.map(({ comments }, n) => (n % 50 === 0 ? "moved" : comments));
      expect(entries.map(({ id }) => api.registry.get(id)!.comments)).toEqual(wanted);
      expect(await reconcile()).toEqual({ state: "in_sync", changes: 0, GET: 11, PATCH: 0 });
      for (const { child } of workers) child.kill("SIGTERM");
      for (const { ended } of workers) expect((await ended).code).toBe(0);
    } finally {
      await backend.close();
    }
  },
);
