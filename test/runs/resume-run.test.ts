import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { cancelRun, pauseRun } from "../../src/runs/control.ts";
import { holdProducerLease } from "../../src/runs/producer-lease.ts";
import { resumeRun } from "../../src/runs/resume-run.ts";
import type { Run, RunState } from "../../src/runs/run.ts";
import { countJobs, hasEveryJob } from "../../src/runs/run-queue.ts";
import { settle } from "../../src/runs/settle.ts";
import type { ProducerOptions } from "../../src/runs/producer.ts";
import { startRun } from "../../src/runs/start-run.ts";
import { type DecidedRows } from "../../src/runs/decided-rows.ts";
import { type CrewWorld, setUpCrewWorld, withRows } from "../workers/crew-world.ts";
import { embeddedForTest } from "../datastores.ts";
import { commentRows, commentRun } from "./decided-rows.ts";

const ROWS = 1_200;

let backend: Backend;
let asking: ProducerOptions;
let world: CrewWorld;
beforeAll(async () => {
  backend = await openBackend({ url: null, dataDir: await embeddedForTest() });
  asking = { backend, by: "eve@test", anyway: true };
});
afterAll(() => backend.close());
afterEach(() => world.close());

async function setUp(rows = ROWS): Promise<void> {
  world = await setUpCrewWorld({ backend, rows });
}

/** Starts a run whose producer is cut off after so many rows. */
async function startCutOff(
  after: number,
  producer: Partial<ProducerOptions> = {},
): Promise<{ run: Run; error: Error }> {
  const plan = commentRows(world.entries);
  async function* cutOff(): ReturnType<DecidedRows["decided"]> & AsyncGenerator {
    let n = 0;
    for await (const row of plan.decided()) {
      if (n++ === after) throw new Error("the disk is full");
      yield row;
    }
  }
  const error: Error = await startRun(
    { ...plan, decided: cutOff },
    commentRun(world.api.accountId, {
      source: { name: "changes.csv", path: "/data/changes.csv", header: ["id", "comments"], read: {} },
    }),
    { backend, by: "ada@test", anyway: true, ...producer },
  ).then(
    () => new Error("it was started"),
    (reason: Error) => reason,
  );
  return { run: (await backend.runs.list(1))[0]!, error };
}

/** The state as a killed producer leaves it. */
async function force(id: string, from: RunState, to: RunState): Promise<void> {
  await backend.runs.move(id, [from], to, null, { at: 1, what: to, by: "test", detail: null });
}

const neverRead = async (): Promise<never> => {
  throw new Error("the source was read again");
};

it("a run whose recording was cut off is completed from the same source, each row once", async () => {
  await setUp();
  const { run, error } = await startCutOff(700);
  expect(error.message).toBe("the disk is full");
  expect(run).toMatchObject({
    state: "interrupted",
    reason: "queueing was cut off: the disk is full",
    rows: 500,
    source: { rows: ROWS },
  });
  const resumed = await resumeRun(run.id, asking, async () => commentRows(world.entries));
  expect(resumed).toMatchObject({ state: "running", rows: ROWS });
  expect(await hasEveryJob(backend, run)).toBe(true);
  expect(resumed.events.map(({ what, by }) => `${what} by ${by}`)).toEqual([
    "started by ada@test",
    "interrupted by ada@test",
    "resumed by eve@test",
    "queueing by eve@test",
    "running by eve@test",
  ]);
});

it("a run whose recording was cut off is not completed from another source", async () => {
  await setUp();
  const { run } = await startCutOff(700);
  await expect(
    resumeRun(run.id, asking, async () => commentRows(world.entries, "0123456789abcdef0123")),
  ).rejects.toMatchObject({
    code: "source_changed",
    message: `run ${run.id} was cut off while its rows were recorded, and /data/changes.csv is not the file it was any more (sha256 0123456789ab… instead of 5ha…)`,
    facts: { run: run.id },
  });
  expect(await backend.runs.get(run.id)).toMatchObject({ state: "interrupted", rows: 500 });
  expect(await cancelRun(asking, run.id)).toMatchObject({ state: "cancelled", outcomes: { cancelled: 500 } });
});

it("a run whose producer is stopped says so, with the command that goes on", async () => {
  await setUp();
  const stop = new AbortController();
  const { run, error } = await startCutOff(Number.POSITIVE_INFINITY, {
    signal: stop.signal,
    onProgress: () => stop.abort(new Error("stopped by a signal")),
  });
  expect(error).toMatchObject({
    code: "interrupted",
    message: `run ${run.id} was stopped by ada@test while it was being queued`,
    run: run.id,
  });
  expect(run).toMatchObject({ state: "interrupted", reason: "stopped by ada@test while it was being queued" });
});

it("a run whose producer was killed is completed by a worker when all its rows are recorded", async () => {
  await setUp(40);
  const run = await world.startRun();
  await force(run.id, "running", "queueing");
  const queue = backend.queue(run.id);
  await queue.obliterate({ force: true });
  await queue.close();
  await world.startCrew();
  const finished = await world.comesTo(run.id, "finished");
  expect(finished.outcomes.updated).toBe(40);
  expect(finished.events.map(({ what, by }) => `${what} by ${by}`)).toEqual([
    "started by ada@test",
    "queueing by ada@test",
    "running by ada@test",
    "queueing by test",
    "interrupted by bob@test",
    "queueing by bob@test",
    "running by bob@test",
    "finished by bob@test",
  ]);
});

it("no worker goes on with a run that somebody stopped, or whose rows are not all recorded", async () => {
  await setUp();
  const stop = new AbortController();
  const stopped = await startCutOff(Number.POSITIVE_INFINITY, {
    signal: stop.signal,
    onProgress: ({ done }) => done === ROWS && stop.abort(new Error("stopped by a signal")),
  });
  expect(stopped.run.rows).toBe(ROWS);
  const cutOff = await startCutOff(700);
  await force(cutOff.run.id, "interrupted", "planning");
  expect(await settle(backend, cutOff.run.id, "test")).toMatchObject({
    state: "interrupted",
    reason: "the process that was queueing it is gone",
  });
  const other = await world.startRun({}, 20);
  await world.startCrew();
  await world.comesTo(other.id, "finished");
  for (const { run } of [stopped, cutOff])
    expect(await backend.runs.get(run.id)).toMatchObject({ state: "interrupted", outcomes: { updated: 0 } });
});

it("a run that was killed when only its end was missing is finished by resume", async () => {
  await setUp(30);
  const run = await world.startRun();
  const crew = await world.startCrew();
  await world.comesTo(run.id, "finished");
  await crew.stop();
  await force(run.id, "finished", "running");
  expect(await resumeRun(run.id, asking, neverRead)).toMatchObject({ state: "finished", outcomes: { updated: 30 } });
  // A run that is over is no error: "resume until it ends" works in a script.
  expect(await resumeRun(run.id, asking, neverRead)).toMatchObject({ state: "finished", outcomes: { updated: 30 } });
  expect(await countJobs(backend, run.id)).toBe(0);
});

it("a run that is being queued is left to its producer", async () => {
  await setUp(10);
  const run = await world.startRun();
  await force(run.id, "running", "queueing");
  const lease = await holdProducerLease(backend.leases, run.id, "ada@test");
  await expect(resumeRun(run.id, asking, neverRead)).rejects.toMatchObject({
    code: "run_busy",
    message: `run ${run.id} is being queued by another process`,
  });
  await expect(holdProducerLease(backend.leases, run.id, "eve@test")).rejects.toMatchObject({
    message: expect.stringMatching(
      new RegExp(`^run ${run.id} is being queued by ada@test, process ${process.pid} on \\S+$`),
    ),
  });
  await lease.release();
  expect(await resumeRun(run.id, asking, neverRead)).toMatchObject({ state: "running" });
});

it("a run that is paused and resumed while it is being queued gets all its jobs", async () => {
  await setUp(4_500);
  let batches = 0;
  const watched: Backend = {
    ...backend,
    queue: (runId) => {
      const queue = backend.queue(runId);
      const addBulk = queue.addBulk.bind(queue);
      queue.addBulk = async (jobs) => {
        batches += 1;
        if (batches === 2) {
          expect(await pauseRun(asking, runId)).toMatchObject({ state: "paused" });
          expect(await resumeRun(runId, asking, neverRead)).toMatchObject({ state: "running" });
        }
        return await addBulk(jobs);
      };
      return queue;
    },
  };
  const run = await startRun(commentRows(world.entries), commentRun(world.api.accountId), {
    backend: watched,
    by: "ada@test",
    anyway: true,
  });
  expect(batches).toBeGreaterThan(2);
  expect(run.state).toBe("running");
  expect(await hasEveryJob(backend, run)).toBe(true);
});

it("a run that is cancelled while its rows are recorded gets an outcome for each of them", async () => {
  await setUp();
  const run = await startRun(commentRows(world.entries), commentRun(world.api.accountId), {
    backend: withRows(backend, (kept) => ({
      stage: async (id, rows, options) => {
        if (rows[0]?.n === 0) expect(await cancelRun(asking, id)).toMatchObject({ state: "cancelling" });
        await kept.stage(id, rows, options);
      },
    })),
    by: "ada@test",
    anyway: true,
  });
  expect(run).toMatchObject({ state: "cancelling", rows: ROWS });
  expect(await settle(backend, run.id, "test")).toMatchObject({ state: "cancelled", outcomes: { cancelled: ROWS } });
});

it("a producer that lost its lease while it was frozen leaves the run to its successor", async () => {
  await setUp();
  const plan = commentRows(world.entries);
  let successor: Run | null = null;
  const takeOver = async (id: string): Promise<void> => {
    const name = `producer:${id}`;
    await backend.leases.release(name, (await backend.leases.owner(name))!); // as if its time had run out
    expect(await settle(backend, id, "eve@test")).toMatchObject({ state: "interrupted" });
    successor = await resumeRun(id, asking, async () => plan);
  };
  const frozen = withRows(backend, (kept) => ({
    stage: async (id, rows, options) => {
      if (rows[0]?.n === 500) await takeOver(id);
      await kept.stage(id, rows, options);
    },
  }));
  const started = startRun(plan, commentRun(world.api.accountId), { backend: frozen, by: "ada@test", anyway: true });
  await expect(started).rejects.toMatchObject({ code: "run_taken_over" });
  expect(successor).toMatchObject({ state: "running", rows: ROWS });
  expect(await backend.runs.get(successor!.id)).toMatchObject({ state: "running", reason: null });
});
