import type { Job } from "bullmq";
import { afterAll, afterEach, describe, expect, it, type TestContext } from "vitest";
import { BackendError } from "../../src/backends/backend-error.ts";
import type { Backend } from "../../src/backends/backend.ts";
import { DEMO_ACCOUNT_ID } from "../../src/demo/settings.ts";
import { sayLeft, sayPresent } from "../../src/runs/attendance.ts";
import { cancelRun, pauseRun } from "../../src/runs/control.ts";
import { enqueueOutstanding } from "../../src/runs/enqueue.ts";
import { resumeRun } from "../../src/runs/resume-run.ts";
import type { RunJob } from "../../src/runs/run-home.ts";
import type { Run, RunRow } from "../../src/runs/run.ts";
import { hasEveryJob } from "../../src/runs/run-queue.ts";
import { ended } from "../backends/sample-run.ts";
import { openForTest } from "../runs/address-for-test.ts";
import { until } from "../until.ts";
import { type CrewWorld, type CrewWorldOptions, setUpCrewWorld, withRows } from "./crew-world.ts";

type Kind = "embedded" | "redis" | "postgres";
const ELSEWHERE = { id: "w1", accountId: DEMO_ACCOUNT_ID, host: "elsewhere.example", pid: 1, startedAt: 0 };
/** 320 rows are ten a job. */
const ROWS = 320;

const opened = new Map<Kind, Backend>();
let world: CrewWorld;
afterEach(() => world?.close());
afterAll(async () => {
  for (const backend of opened.values()) await backend.close();
});

async function setUp(
  kind: Kind,
  context: TestContext,
  options: Omit<CrewWorldOptions, "backend" | "rows"> = {},
): Promise<CrewWorld & { backend: Backend }> {
  const backend = opened.get(kind) ?? (await openForTest(kind, context));
  opened.set(kind, backend);
  world = await setUpCrewWorld({ backend, rows: ROWS, ...options });
  return world;
}

const asking = () => ({ backend: world.backend, by: "eve@test" });
const neverRead = async (): Promise<never> => {
  throw new Error("the source was read again");
};

/** Positions of the rows whose PATCH arrived, in order. */
function sent(): number[] {
  const positions = new Map(world.entries.map(({ id }, n) => [id, n]));
  return world.api
    .requests()
    .filter(({ method }) => method === "PATCH")
    .map(({ path }) => positions.get(path.slice(path.lastIndexOf("/") + 1))!);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

async function rowsOf(runId: string): Promise<RunRow[]> {
  return await Array.fromAsync(world.backend.rows.all(runId));
}

async function jobsOf(runId: string): Promise<Job<RunJob>[]> {
  const queue = world.backend.queue(runId);
  const jobs = await queue.getJobs(["waiting", "active", "delayed"]);
  await queue.close();
  return jobs;
}

/** A worker takes the first slice up, its first rows have ended, and nothing more is heard of it. */
async function dieInTheFirstSlice(run: Run, recorded: number): Promise<void> {
  const worker = world.backend.worker(run.id, async () => {}, { lockDuration: 300 });
  const job = await worker.getNextJob("token", { block: false });
  expect(job).toMatchObject({ id: "s0", data: { n: 0, to: 9 } });
  await world.backend.rows.record(
    run.id,
    range(0, recorded - 1).map((n) => ended(n)),
  );
  await worker.close();
}

describe.each(["embedded", "redis", "postgres"] as const)("slices of rows on %s", (kind) => {
  it("of a worker that died go on behind the rows that have ended", async (context) => {
    const { startRun, startCrew, comesTo } = await setUp(kind, context);
    const run = await startRun();
    await dieInTheFirstSlice(run, 4);
    await startCrew({ lockMs: 3_000 }); // longer than a busy machine keeps it from renewing its locks
    const { outcomes, requests } = await comesTo(run.id, "finished");
    expect(outcomes.updated).toBe(ROWS);
    expect(sent().toSorted((a, b) => a - b)).toEqual(range(4, ROWS - 1));
    expect(requests.total).toBe(ROWS - 4);
  });

  it("let a row wait for a better hour by itself, with the attempts that it has left", async (context) => {
    const { startRun, startCrew, comesTo, api, entries, backend } = await setUp(kind, context);
    api.script({ entryId: entries[5]!.id, answer: { fault: "500" }, times: 1_000 });
    api.script({ entryId: entries[17]!.id, answer: { fault: "500" }, times: 5 });
    const run = await startRun({ attempts: 3, backoffMs: 60_000 });
    await startCrew();
    const queue = backend.queue(run.id);
    const waiting = async (failures: number[]): Promise<Job<RunJob>[]> =>
      await until(`${failures.join()} rows wait`, async () => {
        const delayed = await queue.getDelayed();
        return (
          delayed.map(({ attemptsMade }) => attemptsMade).join() === failures.join() &&
          delayed.toSorted((one, other) => one.data.n - other.data.n)
        );
      });
    const first = await waiting([0, 0]);
    expect(first.map(({ id, data, opts }) => ({ id, data, attempts: opts.attempts }))).toEqual([
      { id: "r5", data: { n: 5, tried: 4, failed: 1 }, attempts: 2 },
      { id: "r17", data: { n: 17, tried: 4, failed: 1 }, attempts: 2 },
    ]);
    for (const { delay } of first) expect(delay).toBeGreaterThanOrEqual(30_000);
    for (const { delay } of first) expect(delay).toBeLessThanOrEqual(60_000);
    await until("all others have ended", async () => (await backend.runs.get(run.id))!.outcomes.updated === ROWS - 2);
    for (const job of first) await job.promote();
    const [second] = await waiting([1]);
    expect(second!.data).toEqual({ n: 5, tried: 8, failed: 1 });
    expect(second!.delay).toBeGreaterThanOrEqual(60_000);
    await second!.promote();
    await queue.close();
    const { outcomes } = await comesTo(run.id, "finished");
    expect(outcomes).toMatchObject({ updated: ROWS - 1, failed: 1 });
    const rows = await rowsOf(run.id);
    expect(rows[5]!.result).toMatchObject({
      outcome: "failed",
      attempts: 13,
      message: expect.stringMatching(/; given up after 13 requests$/),
    });
    expect(rows[17]!.result).toMatchObject({ outcome: "updated", attempts: 6 });
  });

  it("fail a row at once that has one attempt", async (context) => {
    const { startRun, startCrew, comesTo, api, entries } = await setUp(kind, context);
    api.script({ entryId: entries[5]!.id, answer: { fault: "500" }, times: 1_000 });
    const run = await startRun({ attempts: 1 });
    await startCrew();
    expect((await comesTo(run.id, "finished")).outcomes).toMatchObject({ updated: ROWS - 1, failed: 1 });
    expect((await rowsOf(run.id))[5]!.result).toMatchObject({ outcome: "failed", attempts: 5 });
  });

  it("pass over rows with a job of their own, when they are taken up again and when they are queued again", async (context) => {
    const { startRun, startCrew, comesTo, api, entries, backend } = await setUp(kind, context);
    // Both are away for the rest of the day; the second one's slice is lost after that.
    for (const n of [5, 17]) api.script({ entryId: entries[n]!.id, method: "PATCH", answer: { fault: "503-wait" } });
    const run = await startRun();
    const crew = await startCrew();
    await until("all others have ended", async () => (await backend.runs.get(run.id))!.outcomes.updated === ROWS - 2);
    await crew.stop();
    expect((await jobsOf(run.id)).map(({ id }) => id)).toEqual(expect.arrayContaining(["r5", "r17"]));
    expect(await jobsOf(run.id)).toHaveLength(2);
    expect(await hasEveryJob(backend, run)).toBe(true);
    await enqueueOutstanding(backend, run);
    expect((await jobsOf(run.id)).map(({ id }) => id)).toEqual(expect.arrayContaining(["r5", "r17"]));
    expect(await jobsOf(run.id)).toHaveLength(2);
    // As a crash leaves it between the row's own job and the end of its slice, and as a slice that was given up waits.
    const queue = backend.queue(run.id);
    await queue.addBulk([
      { name: "update", data: { n: 0, to: 9, again: true }, opts: { jobId: "s0" } },
      { name: "update", data: { n: 10, to: 19, again: true }, opts: { jobId: "s10" } },
    ]);
    await startCrew();
    await until("the slices are done", async () => (await queue.getJobCountByTypes("waiting", "active")) === 0);
    expect(sent().filter((n) => n === 5 || n === 17)).toHaveLength(2);
    for (const job of await queue.getDelayed()) await job.promote();
    await queue.close();
    expect((await comesTo(run.id, "finished")).outcomes.updated).toBe(ROWS);
    expect(sent()).toHaveLength(ROWS + 2);
  });

  it("are queued once, however often, and none of their rows is sent twice", async (context) => {
    const { startRun, startCrew, comesTo, backend } = await setUp(kind, context, {
      api: { latency: { minMs: 5, maxMs: 10 } },
    });
    const run = await startRun();
    await startCrew();
    await until("some rows are sent", () => sent().length > 20);
    await enqueueOutstanding(backend, run);
    await startCrew();
    await enqueueOutstanding(backend, run);
    expect((await comesTo(run.id, "finished")).outcomes.updated).toBe(ROWS);
    expect(sent().toSorted((a, b) => a - b)).toEqual(range(0, ROWS - 1));
  });

  it("that the datastore lost are queued again when nothing has happened for a minute", async (context) => {
    const { startRun, startCrew, comesTo, backend } = await setUp(kind, context);
    const run = await startRun();
    const queue = backend.queue(run.id);
    for (const id of ["s10", "s310"]) await (await queue.getJob(id))!.remove();
    await queue.close();
    expect(await hasEveryJob(backend, run)).toBe(false);
    let later = 0;
    await startCrew({ now: () => Date.now() + later });
    await until("the others have ended", async () => (await backend.runs.get(run.id))!.outcomes.updated === ROWS - 20);
    await until("the crew sees the minute pass", async () => {
      later += 61_000;
      return (await backend.runs.get(run.id))!.state === "finished";
    });
    expect((await comesTo(run.id, "finished")).outcomes.updated).toBe(ROWS);
    expect(sent().toSorted((a, b) => a - b)).toEqual(range(0, ROWS - 1));
  });

  it("stop within a second in their middle when the run is paused, and go on where they stopped", async (context) => {
    const { startRun, startCrew, comesTo, backend } = await setUp(kind, context, {
      api: { latency: { minMs: 40, maxMs: 60 } },
    });
    const run = await startRun();
    await Promise.all([startCrew({ concurrency: 2 }), startCrew({ concurrency: 2 })]);
    await until("some rows are sent", () => sent().length >= 9);
    await pauseRun(asking(), run.id);
    const paused = await comesTo(run.id, "paused");
    const at = paused.events.find(({ what }) => what === "pausing")!.at;
    expect(world.api.requests().at(-1)!.at - at).toBeLessThan(1_000);
    const inTheMiddle = (await jobsOf(run.id)).filter(({ attemptsStarted }) => attemptsStarted > 0);
    expect(inTheMiddle.length).toBeGreaterThan(0);
    expect(inTheMiddle.map(({ attemptsMade }) => attemptsMade)).toEqual(inTheMiddle.map(() => 0));
    expect(await hasEveryJob(backend, run)).toBe(true);
    world.api.set({ latency: { minMs: 0, maxMs: 0 } });
    await resumeRun(run.id, asking(), neverRead);
    expect((await comesTo(run.id, "finished")).outcomes.updated).toBe(ROWS);
    expect(sent().toSorted((a, b) => a - b)).toEqual(range(0, ROWS - 1));
  });

  it("say of a cancelled run which rows were not tried", async (context) => {
    const { startRun, startCrew, comesTo } = await setUp(kind, context, {
      api: { latency: { minMs: 20, maxMs: 40 } },
    });
    const run = await startRun();
    await startCrew({ concurrency: 4 });
    await until("some rows are sent", () => sent().length >= 15);
    await cancelRun(asking(), run.id);
    const { outcomes } = await comesTo(run.id, "cancelled");
    expect(outcomes.updated + outcomes.cancelled).toBe(ROWS);
    const rows = await rowsOf(run.id);
    const notTried = rows.filter(({ result }) => result?.message?.startsWith("not tried"));
    expect(notTried.filter(({ n }) => sent().includes(n))).toEqual([]);
    expect(outcomes.cancelled - notTried.length).toBeLessThanOrEqual(4);
  });

  it("of a worker that died may have been tried, all that had not ended", async (context) => {
    const { startRun, backend } = await setUp(kind, context);
    const run = await startRun();
    await sayPresent(backend, ELSEWHERE);
    await dieInTheFirstSlice(run, 4);
    await sayLeft(backend, ELSEWHERE);
    await cancelRun(asking(), run.id);
    const messages = (await rowsOf(run.id)).map(({ result }) => result!.message);
    expect(messages.slice(0, 4)).toEqual(range(0, 3).map((n) => ended(n).result.message));
    for (const message of messages.slice(4, 10))
      expect(message).toMatch(/^the run was cancelled before an answer was seen/);
    for (const message of messages.slice(10)) expect(message).toMatch(/^not tried/);
  });

  it("lose no attempt to a backend that is away, and one row alone to a bug", async (context) => {
    const { startRun, startCrew, comesTo } = await setUp(kind, context);
    const asked = new Map<number, number>();
    const backend = withRows(world.backend, (rows) => ({
      outstandingIn: async (id, from, to) => {
        asked.set(from, (asked.get(from) ?? 0) + 1);
        if (asked.get(from)! <= 2) throw new BackendError("backend_lost", "it went away", "start it again");
        if (from <= 44 && to >= 44) throw new TypeError("rows is not a function");
        return await rows.outstandingIn(id, from, to);
      },
      get: async (id, n) => {
        if (n === 44) throw new TypeError("row is not a function");
        return await rows.get(id, n);
      },
    }));
    const run = await startRun({ attempts: 1 });
    await startCrew({ backend });
    expect((await comesTo(run.id, "finished")).outcomes).toMatchObject({ updated: ROWS - 1, failed: 1 });
    expect((await rowsOf(run.id))[44]!.result).toMatchObject({
      message: "an unexpected error: row is not a function; given up after 0 requests",
    });
    expect(sent()).toHaveLength(ROWS - 1);
  });
});
