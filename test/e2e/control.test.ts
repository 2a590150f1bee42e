import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { RunView } from "../../src/runs/view.ts";
import { commentSheet } from "../runs/decided-rows.ts";
import { until } from "../until.ts";
import { BACKENDS, backendForTest } from "./backend-for-test.ts";
import { historyOf } from "./history.ts";
import { reportedOutcomes } from "./reported-outcomes.ts";
import { AT_ONCE, patchesOf, setUpWorld, type World } from "./world.ts";

const SECOND = 1_000;
/** Slow enough to be stopped in the middle, also where the commands take long to start. */
const SLOW = { latency: { minMs: 200, maxMs: 300 } };
const ROWS = 300;

let world: World;
afterEach(() => world.close());

describe.each(BACKENDS)("on %s, from a second terminal", (kind) => {
  it("pause stops the sending within a second, resume goes on, and each row ends once", async (context) => {
    world = await setUpWorld({ rows: ROWS, api: SLOW, settings: await backendForTest(kind, context) });
    const { api, desk } = world;
    const working = desk.start(["run", "changes.csv", "--yes", "--json", "--report-dir", "report"]);
    const id = await world.runOf(working);
    await until("the first rows are sent", () => patchesOf(api).length > 20);

    const pause = await desk.call(["pause", id, "--json"]);
    expect(pause.code).toBe(0);
    expect(pause.json<RunView>()).toMatchObject({
      id,
      state: "paused",
      reason: expect.stringMatching(/^asked for by .+@.+/),
    });
    const attached = await working.ended;
    expect(attached.code).toBe(130);
    expect(attached.json<RunView>().state).toBe("paused");
    const sent = patchesOf(api);
    expect(sent.length).toBeLessThan(ROWS);

    api.set(AT_ONCE);
    const resumed = await desk.call(["resume", id, "--json"]);
    expect(resumed.code).toBe(0);
    expect(resumed.json<RunView>()).toMatchObject({ state: "finished", reason: null, outcomes: { updated: ROWS } });
    expect(new Set((await reportedOutcomes(desk)).values())).toEqual(new Set(["updated"]));
    expect(patchesOf(api)).toHaveLength(ROWS);
    expect(world.differences()).toEqual([]);
    const history = await historyOf(desk, id);
    expect(history.map(({ what }) => what)).toEqual([
      "started",
      "queueing",
      "running",
      "pausing",
      "paused",
      "resumed",
      "finished",
    ]);
    expect(sent.at(-1)!.at - history[3]!.at).toBeLessThan(SECOND);
  });

  it("cancel ends it: what was not tried is cancelled, and can be tried again", async (context) => {
    world = await setUpWorld({ rows: ROWS, api: SLOW, settings: await backendForTest(kind, context) });
    const { api, desk } = world;
    const working = desk.start(["run", "changes.csv", "--yes", "--json", "--report-dir", "report"]);
    const id = await world.runOf(working);
    await until("the first rows are sent", () => patchesOf(api).length > 20);

    const cancel = await desk.call(["cancel", id]);
    expect(cancel.code).toBe(0);
    expect(cancel.stdout).toMatch(/^Run \S+ is cancell(ed|ing)/);
    const attached = await working.ended;
    expect(attached.code).toBe(130);
    const { state, outcomes } = attached.json<RunView>();
    expect(state).toBe("cancelled");
    expect(outcomes.updated).toBe(patchesOf(api).length);
    expect(outcomes.updated + outcomes.cancelled).toBe(ROWS);
    const history = await historyOf(desk, id);
    expect(patchesOf(api).at(-1)!.at - history.find(({ what }) => what === "cancelling")!.at).toBeLessThan(SECOND);
    const reported = await reportedOutcomes(desk);
    for (const [n, { id: entryId, comments }] of world.entries.entries()) {
      const isNew = api.registry.get(entryId)!.comments !== comments;
      expect([n, reported.get(n + 2)]).toEqual([n, isNew ? "updated" : "cancelled"]);
    }

    api.set(AT_ONCE);
    const retried = await desk.call(["retry", id, "--only", "cancelled", "--yes", "--json"]);
    expect(retried.code).toBe(0);
    expect(retried.json<RunView>()).toMatchObject({ state: "finished", outcomes: { updated: outcomes.cancelled } });
    expect(world.differences()).toEqual([]);
  });
});

describe.each(["redis", "postgres"] as const)("with a worker on %s", (kind) => {
  it("pausing one run leaves the other runs of the account at work", async (context) => {
    world = await setUpWorld({ rows: 2 * ROWS, api: SLOW, settings: await backendForTest(kind, context) });
    const { api, desk, entries } = world;
    const halves = [entries.slice(0, ROWS), entries.slice(ROWS)];
    const [first, second] = await Promise.all(
      halves.map(async (half, i) => {
        await writeFile(join(desk.folder, `${i}.csv`), commentSheet(half));
        const started = await desk.call(["run", `${i}.csv`, "--yes", "--detach", "--json"]);
        return started.json<RunView>().id;
      }),
    );
    const idsOf = halves.map((half) => new Set(half.map(({ id }) => id)));
    const sentOf = (i: number): { at: number }[] => patchesOf(api).filter(({ id }) => idsOf[i]!.has(id));
    const worker = desk.start(["worker"]);
    await until("both runs are at work", () => sentOf(0).length > 10 && sentOf(1).length > 10);

    expect((await desk.call(["pause", first!])).stdout).toMatch(/is paused/);
    api.set({ latency: { minMs: 40, maxMs: 80 } });
    await until("the other run has sent all", () => sentOf(1).length === ROWS);
    expect(sentOf(0).length).toBeLessThan(ROWS);
    const asked = (await historyOf(desk, first!)).find(({ what }) => what === "pausing")!.at;
    expect(sentOf(0).at(-1)!.at - asked).toBeLessThan(SECOND);
    expect(sentOf(1).at(-1)!.at).toBeGreaterThan(asked + SECOND / 2);

    api.set(AT_ONCE);
    expect((await desk.call(["resume", first!, "--detach"])).code).toBe(0);
    for (const id of [first!, second!]) await desk.call(["status", id, "--watch"]);
    expect(patchesOf(api)).toHaveLength(2 * ROWS);
    expect(world.differences(0).length).toBe(2 * ROWS);
    worker.child.kill("SIGTERM");
    expect((await worker.ended).code).toBe(0);
  });
});
