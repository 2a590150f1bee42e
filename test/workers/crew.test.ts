import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { BackendError } from "../../src/backends/backend-error.ts";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { REFUSALS } from "../../src/demo/settings.ts";
import { cancelRun, pauseRun } from "../../src/runs/control.ts";
import { resumeRun } from "../../src/runs/resume-run.ts";
import type { RunRow } from "../../src/runs/run.ts";
import { event, sampleRun } from "../backends/sample-run.ts";
import { embeddedForTest } from "../datastores.ts";
import { commentOf } from "../runs/decided-rows.ts";
import { until } from "../until.ts";
import { type CrewWorld, type CrewWorldOptions, setUpCrewWorld, withRows } from "./crew-world.ts";

let shared: Backend;
let world: CrewWorld;
beforeAll(async () => {
  shared = await openBackend({ url: null, dataDir: await embeddedForTest() });
});
afterAll(() => shared.close());
afterEach(() => world.close());

async function setUp(options: Omit<CrewWorldOptions, "backend">): Promise<CrewWorld> {
  world = await setUpCrewWorld({ backend: shared, ...options });
  return world;
}

function patches(): { at: number; id: string }[] {
  return world.api
    .requests()
    .filter(({ method }) => method === "PATCH")
    .map(({ at, path }) => ({ at, id: path.slice(path.lastIndexOf("/") + 1) }));
}

async function rowsOf(runId: string): Promise<RunRow[]> {
  return await Array.fromAsync(world.backend.rows.all(runId));
}

/** Entries that have the comment of their row. */
function changed(): number {
  return world.entries.filter(({ id }, n) => world.api.registry.get(id)?.comments === commentOf(n)).length;
}

const again = async (): Promise<never> => {
  throw new Error("the source was read again");
};
const asking = () => ({ backend: world.backend, by: "eve@test" });

describe("a run's rows", () => {
  it("are each sent once, also by two crews", async () => {
    const { startRun, startCrew, comesTo } = await setUp({ rows: 120 });
    const run = await startRun();
    await Promise.all([startCrew(), startCrew()]);
    const { outcomes, requests } = await comesTo(run.id, "finished");
    expect(outcomes.updated).toBe(120);
    expect(patches()).toHaveLength(120);
    expect(new Set(patches().map(({ id }) => id)).size).toBe(120);
    await until("the requests are counted", async () => (await world.backend.runs.get(run.id))!.requests.total === 120);
    expect(requests.throttled).toBe(0);
  });

  it("end as updated when the answer was lost, and as not found when the entry is gone", async () => {
    const { startRun, startCrew, comesTo, api, entries } = await setUp({ rows: 20 });
    api.script({ entryId: entries[3]!.id, answer: { fault: "answer-lost" }, times: 2 });
    const run = await startRun();
    api.registry.delete(entries[7]!.id);
    await startCrew();
    const { outcomes } = await comesTo(run.id, "finished");
    expect(outcomes).toMatchObject({ updated: 19, rejected_not_found: 1 });
    const rows = await rowsOf(run.id);
    expect(rows[3]!.result).toMatchObject({ outcome: "updated", attempts: 3 });
    expect(rows[7]!.result).toMatchObject({ outcome: "rejected_not_found", httpStatus: 404 });
  });

  it("are given up when their attempts are used up, alone", async () => {
    const { startRun, startCrew, comesTo, api, entries } = await setUp({ rows: 40 });
    api.script({ entryId: entries[5]!.id, answer: { fault: "500" }, times: 1_000 });
    const run = await startRun({ attempts: 3 });
    await startCrew();
    const { outcomes, requests } = await comesTo(run.id, "finished");
    expect(outcomes).toMatchObject({ updated: 39, failed: 1 });
    expect((await rowsOf(run.id))[5]!.result).toMatchObject({
      outcome: "failed",
      attempts: 13,
      httpStatus: 500,
      message: expect.stringMatching(/^updating entry \S+: status 500.*; given up after 13 requests$/),
    });
    expect(requests.retries).toBeGreaterThanOrEqual(9);
  });

  it("wait for as long as the API asks for, beyond what the client itself waits", async () => {
    const { startRun, startCrew, api, backend } = await setUp({ rows: 3 });
    const run = await startRun({ attempts: 3 });
    api.script({ method: "PATCH", answer: { fault: "503-wait" } });
    await startCrew();
    const queue = backend.queue(run.id);
    const [job] = await until("a row waits for a better hour", async () => {
      const delayed = await queue.getDelayed();
      return delayed.length > 0 && delayed;
    });
    expect(job!.delay).toBeGreaterThanOrEqual(120_000);
    await queue.close();
  });

  it("are given back with all their attempts when the crew is stopped", async () => {
    const { startRun, startCrew, comesTo, api, backend } = await setUp({
      rows: 30,
      client: { retries: { minDelayMs: 60_000 } },
    });
    api.set({ outage: "500" });
    const run = await startRun({ attempts: 1 });
    const crew = await startCrew();
    await until("rows wait for their next try", () => patches().length === 8);
    await crew.stop();
    const queue = backend.queue(run.id);
    const jobs = await queue.getJobs(["waiting", "active", "delayed"]);
    expect(jobs).toHaveLength(30);
    expect(jobs.map(({ attemptsMade }) => attemptsMade)).toEqual(jobs.map(() => 0));
    expect(await queue.getActiveCount()).toBe(0);
    await queue.close();
    api.set({ outage: null });
    await startCrew();
    expect((await comesTo(run.id, "finished")).outcomes.updated).toBe(30);
  });

  it("lose no attempt to a backend that is away", async () => {
    const { startRun, startCrew, comesTo } = await setUp({ rows: 20 });
    const lost = new Map<number, number>();
    const backend = withRows(world.backend, (rows) => ({
      get: async (id, n) => {
        lost.set(n, (lost.get(n) ?? 0) + 1);
        if (lost.get(n)! <= 2) throw new BackendError("backend_lost", "it went away", "start it again");
        return await rows.get(id, n);
      },
    }));
    const run = await startRun({ attempts: 1 });
    await startCrew({ backend });
    expect((await comesTo(run.id, "finished")).outcomes.updated).toBe(20);
  });

  it("that meet a bug fail with its message, and the others go on", async () => {
    const { startRun, startCrew, comesTo } = await setUp({ rows: 20 });
    const backend = withRows(world.backend, (rows) => ({
      get: async (id, n) => {
        if (n === 4) throw new TypeError("row is not a function");
        return await rows.get(id, n);
      },
    }));
    const errors: string[] = [];
    const run = await startRun({ attempts: 2 });
    await startCrew({ backend, onError: (error) => errors.push(error.message) });
    expect((await comesTo(run.id, "finished")).outcomes).toMatchObject({ updated: 19, failed: 1 });
    expect((await rowsOf(run.id))[4]!.result).toMatchObject({
      outcome: "failed",
      message: "an unexpected error: row is not a function; given up after 0 requests",
    });
    expect(errors).toContain("row is not a function");
  });
});

describe("with nothing to do", () => {
  it("a crew asks only whether anything has changed, also beside runs that are not its own or at rest", async () => {
    const { startRun, startCrew, comesTo, backend } = await setUp({ rows: 4 });
    // What other tests left behind.
    for (const { id } of await backend.runs.list(1_000)) await backend.runs.remove(id);
    const paused = await startRun();
    await pauseRun(asking(), paused.id);
    const foreign = sampleRun({ accountId: "another account" });
    await backend.runs.create(foreign, event("planning"));
    await backend.runs.move(foreign.id, ["planning"], "running", null, event("running"));
    const calls: string[] = [];
    const runs = new Proxy(backend.runs, {
      get: (target, property) => {
        calls.push(String(property));
        return Reflect.get(target, property).bind(target);
      },
    });
    await startCrew({ backend: { ...backend, runs } });
    const quiet = Array<string>(4).fill("changes");
    await until("it asks for nothing else", () => calls.slice(-4).join() === quiet.join());
    expect(await resumeRun(paused.id, asking(), again)).toMatchObject({ state: "running" });
    expect((await comesTo(paused.id, "finished")).outcomes.updated).toBe(4);
    expect((await backend.runs.get(foreign.id))?.state).toBe("running");
    await backend.runs.remove(foreign.id);
  });
});

describe("while the API does not work", () => {
  it("rows wait behind the gate, and few lose an attempt", async () => {
    const { startRun, startCrew, comesTo, api } = await setUp({ rows: 300 });
    api.set({ outage: "503" });
    const warnings: string[] = [];
    const run = await startRun({ attempts: 8 });
    await startCrew({ onError: (error) => warnings.push(error.message) });
    await until("it has not worked for a while", () => warnings.length >= 8);
    const duringOutage = patches().length;
    api.set({ outage: null });
    const { outcomes } = await comesTo(run.id, "finished");
    expect(outcomes).toMatchObject({ updated: 300, failed: 0 });
    expect(changed()).toBe(300);
    // four tries for each of the rows that were in hand, and for one row a pause
    expect(duringOutage).toBeLessThanOrEqual(4 * (8 + 5 + 10));
    expect(warnings[0]).toMatch(/^the API did not answer several rows in a row, nothing is sent for 0\.\d s$/);
  });

  it("a third of the answers broken in every way still ends with every row updated", async () => {
    const { startRun, startCrew, comesTo, api } = await setUp({
      rows: 150,
      api: {
        latency: { minMs: 0, maxMs: 40 },
        faults: {
          share: 0.3,
          kinds: ["500", "502", "503", "reset", "hang", "html", "cut-off", "broken-json", "answer-lost"],
        },
      },
      rate: "190/1s",
      client: { timeouts: { headersMs: 250, bodyMs: 250 } },
    });
    const run = await startRun();
    await startCrew();
    const { outcomes } = await comesTo(run.id, "finished");
    expect(outcomes.updated).toBe(150);
    expect(changed()).toBe(150);
    expect(api.mostInWindow(1_000)).toBeLessThanOrEqual(200);
  });
});

describe("what can't get better", () => {
  it.for([
    ["a token that was revoked", { refuseAll: REFUSALS.invalidToken }, /^Cloudflare does not accept the API token/],
    ["a token that lost its permission", { refuseUpdates: REFUSALS.noPermission }, /^the API token may not do this/],
    ["a subscription that ended", { refuseAll: REFUSALS.notEntitled }, /^the account's subscription does not include/],
    ["an account that is unknown", { accountId: "f".repeat(32) }, /^Cloudflare does not know this account/],
  ] as const)("halts the run: %s", async ([, settings, reason]) => {
    const { startRun, startCrew, comesTo, api } = await setUp({
      rows: 200,
      api: { latency: { minMs: 5, maxMs: 15 } },
    });
    const run = await startRun({ attempts: 1 });
    await Promise.all([startCrew(), startCrew()]);
    await until("rows are sent", () => changed() > 30);
    const before = api.settings();
    api.set(settings);
    const halted = await comesTo(run.id, "halted");
    const at = halted.events.at(-1)!.at;
    expect(halted.reason).toMatch(reason);
    expect(halted.reason).toMatch(
      new RegExp(`; .+, then try again \\(found by process ${process.pid} of bob@test\\)$`),
    );
    await until("both crews have stopped", async () => {
      const queue = world.backend.queue(run.id);
      const active = await queue.getActiveCount();
      await queue.close();
      return active === 0;
    });
    expect(patches().at(-1)!.at - at).toBeLessThan(1_000);
    const { outcomes } = (await world.backend.runs.get(run.id))!;
    expect(outcomes).toMatchObject({ updated: changed(), failed: 0, rejected_by_api: 0, rejected_not_found: 0 });

    api.set(before);
    expect(await resumeRun(run.id, asking(), again)).toMatchObject({ state: "running", reason: null });
    expect((await comesTo(run.id, "finished")).outcomes.updated).toBe(200);
  });

  it("pauses the run: the same refusal of 20 rows in a row", async () => {
    const { startRun, startCrew, comesTo, api } = await setUp({ rows: 120 });
    const { status, code, message } = { status: 422, code: 10_999, message: "the plan forbids it" };
    api.script({ method: "PATCH", answer: { status, code, message }, times: 1_000 });
    const run = await startRun();
    await startCrew();
    const paused = await comesTo(run.id, "paused");
    expect(paused.reason).toBe(`the API refused 20 rows in a row with status 422, code 10999: "the plan forbids it"`);
    expect(paused.outcomes.rejected_by_api).toBeGreaterThanOrEqual(20);
    expect(paused.outcomes.rejected_by_api).toBeLessThanOrEqual(40);

    api.clearScripts();
    await resumeRun(run.id, asking(), again);
    const { outcomes } = await comesTo(run.id, "finished");
    expect(outcomes.updated + outcomes.rejected_by_api).toBe(120);
    expect(outcomes.updated).toBeGreaterThan(0);
  });

  it("does not pause a run for refusals among other outcomes, or when that was not wanted", async () => {
    const { startRun, startCrew, comesTo, api, entries } = await setUp({ rows: 60 });
    for (const [n, { id }] of entries.entries())
      if (n % 3 > 0) api.script({ entryId: id, method: "PATCH", answer: { status: 422, code: 7 }, times: 2 });
    const mixed = await startRun();
    await startCrew({ concurrency: 1 });
    expect((await comesTo(mixed.id, "finished", "paused")).state).toBe("finished");
    api.script({ method: "PATCH", answer: { status: 422, code: 7 }, times: 1_000 });
    const unwatched = await startRun({ pauseAfterSameError: 0 });
    expect(await comesTo(unwatched.id, "finished", "paused")).toMatchObject({
      state: "finished",
      outcomes: { rejected_by_api: 60 },
    });
  });
});

describe("a canary", () => {
  it("is sent and read back before the rest", async () => {
    const { startRun, startCrew, comesTo, api, entries } = await setUp({ rows: 50 });
    const run = await startRun({ canary: 5 });
    await startCrew();
    const finished = await comesTo(run.id, "finished");
    expect(finished.outcomes.updated).toBe(50);
    const calls = api.requests().map(({ method, path }) => ({ method, id: path.slice(path.lastIndexOf("/") + 1) }));
    const canary = new Set(entries.slice(0, 5).map(({ id }) => id));
    expect(calls.slice(0, 10).filter(({ id }) => !canary.has(id))).toEqual([]);
    expect(calls.filter(({ method }) => method === "GET")).toHaveLength(5);
    expect(finished.events.map(({ what, detail }) => (what === "canary over" ? detail : what))).toEqual([
      "started",
      "queueing",
      "running",
      "5 entries were updated and read back",
      "finished",
    ]);
  });

  it("that does not pass halts the run, and resume sends the rest all the same", async () => {
    const { startRun, startCrew, comesTo, api, entries } = await setUp({ rows: 50 });
    api.script({ entryId: entries[2]!.id, method: "PATCH", answer: { status: 422, code: 7, message: "not so" } });
    const run = await startRun({ canary: 5 });
    await startCrew();
    const halted = await comesTo(run.id, "halted");
    expect(halted.reason).toBe(`canary: row 4 ended as rejected_by_api (not so), and the other rows were not sent`);
    await until("its rows have ended", async () => (await world.backend.runs.get(run.id))!.outcomes.updated === 4);
    expect(new Set(patches().map(({ id }) => id)).size).toBe(5);
    await resumeRun(run.id, asking(), again);
    expect((await comesTo(run.id, "finished")).outcomes).toMatchObject({ updated: 49, rejected_by_api: 1 });
  });

  it("that was halted by a bad token is still to pass after the fix", async () => {
    const { startRun, startCrew, comesTo, api, entries } = await setUp({ rows: 50 });
    api.set({ refuseAll: REFUSALS.invalidToken });
    const run = await startRun({ canary: 5 });
    await startCrew();
    await comesTo(run.id, "halted");
    api.set({ refuseAll: null });
    api.script({ entryId: entries[0]!.id, method: "PATCH", answer: { status: 422, code: 7, message: "not so" } });
    await resumeRun(run.id, asking(), again);
    expect((await comesTo(run.id, "halted", "finished")).reason).toMatch(/^canary: row 2 ended as rejected_by_api/);
    expect(new Set(patches().map(({ id }) => id)).size).toBeLessThanOrEqual(8);
  });

  it("whose crew dies in the middle is gone on with", async () => {
    const { startRun, startCrew, comesTo } = await setUp({
      rows: 50,
      api: { latency: { minMs: 20, maxMs: 40 } },
    });
    const run = await startRun({ canary: 12 });
    const crew = await startCrew({ concurrency: 2 });
    await until("some of it is sent", () => patches().length >= 4);
    await crew.stop();
    expect((await world.backend.runs.get(run.id))?.events.some(({ what }) => what === "canary over")).toBe(false);
    await Promise.all([startCrew(), startCrew()]);
    const finished = await comesTo(run.id, "finished");
    expect(finished.outcomes.updated).toBe(50);
    expect(finished.events.filter(({ what }) => what === "canary over")).toHaveLength(1);
  });
});

describe("what is asked of one run", () => {
  it("is noticed at once while another run is being cancelled", async () => {
    const { startRun, startCrew, comesTo } = await setUp({
      rows: 400,
      api: { latency: { minMs: 10, maxMs: 20 } },
    });
    const big = await startRun({}, 50);
    await pauseRun(asking(), big.id);
    const other = await startRun();
    const slow = Promise.withResolvers<void>();
    let cancelling = false;
    const backend = withRows(world.backend, (rows) => ({
      record: async (id, results) => {
        if (id === big.id) {
          cancelling = true;
          await slow.promise;
        }
        return await rows.record(id, results);
      },
    }));
    await startCrew({ backend });
    await until("the other run is at work", () => changed() > 10);
    await world.backend.runs.move(big.id, ["paused"], "cancelling", null, {
      at: 1,
      what: "cancelling",
      by: "x",
      detail: null,
    });
    await until("the crew is about to cancel", () => cancelling);
    await pauseRun(asking(), other.id);
    const paused = await comesTo(other.id, "paused");
    const at = paused.events.find(({ what }) => what === "pausing")!.at;
    expect(patches().at(-1)!.at - at).toBeLessThan(1_000);
    slow.resolve();
    expect((await comesTo(big.id, "cancelled")).outcomes.cancelled).toBe(50);
  });

  it("comes true though a worker died with rows in hand, as long as another one lives", async () => {
    const { startRun, startCrew, comesTo } = await setUp({ rows: 20 });
    const [paused, cancelled] = [await startRun(), await startRun()];
    const dead = [paused, cancelled].map(({ id }) => world.backend.worker(id, async () => {}, { lockDuration: 300 }));
    for (const worker of dead) await worker.getNextJob("token", { block: false });
    await world.backend.presence.heartbeat(
      { id: "w", accountId: world.api.accountId, host: "elsewhere", pid: 1, startedAt: 1 },
      60_000,
    );
    expect((await pauseRun(asking(), paused.id)).state).toBe("pausing");
    expect((await cancelRun(asking(), cancelled.id)).state).toBe("cancelling");
    await startCrew({ lockMs: 300 });
    await comesTo(paused.id, "paused");
    await comesTo(cancelled.id, "cancelled");
    const messages = (await rowsOf(cancelled.id)).map(({ result }) => result!.message!.split(":")[0]);
    expect(messages[0]).toMatch(/^the run was cancelled before an answer was seen/);
    expect(new Set(messages.slice(1))).toEqual(new Set(["not tried"]));
    await resumeRun(paused.id, asking(), again);
    expect((await comesTo(paused.id, "finished")).outcomes.updated).toBe(20);
    for (const worker of dead) await worker.close();
    await world.backend.presence.retire("w");
  });
});

it("takes up at once what a worker had in hand that is gone, where nobody else is at work", async () => {
  const { startRun, startCrew, comesTo } = await setUp({ rows: 20 });
  const run = await startRun();
  const dead = world.backend.worker(run.id, async () => {}, { lockDuration: 600_000 });
  expect(await dead.getNextJob("token", { block: false })).toBeDefined();
  await startCrew({ lockMs: 600_000 });
  expect((await comesTo(run.id, "finished")).outcomes.updated).toBe(20);
  await dead.close();
});
