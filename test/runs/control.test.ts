import type { Worker } from "bullmq";
import { afterAll, afterEach, describe, expect, it, type TestContext } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import type { RunJob } from "../../src/runs/run-home.ts";
import { sayLeft, sayPresent } from "../../src/runs/attendance.ts";
import { assertAccount, cancelRun, findRun, pauseRun } from "../../src/runs/control.ts";
import { resumeRun } from "../../src/runs/resume-run.ts";
import { rowsToRetry } from "../../src/runs/retry-run.ts";
import { settle } from "../../src/runs/settle.ts";
import { type CrewWorld, setUpCrewWorld } from "../workers/crew-world.ts";
import { DEMO_ACCOUNT_ID } from "../../src/demo/settings.ts";
import { explainByCode } from "../../src/cli/remedies.ts";
import { openForTest } from "./address-for-test.ts";

type Kind = "embedded" | "redis" | "postgres";
const ELSEWHERE = { id: "w1", accountId: DEMO_ACCOUNT_ID, host: "elsewhere.example", pid: 1, startedAt: 0 };

const opened = new Map<Kind, Backend>();
let world: CrewWorld;
let workers: Worker<RunJob>[] = [];
afterEach(async () => {
  for (const worker of workers) await worker.close();
  workers = [];
  await world?.close();
});
afterAll(async () => {
  for (const backend of opened.values()) await backend.close();
});

async function setUp(kind: Kind, context: TestContext) {
  const backend = opened.get(kind) ?? (await openForTest(kind, context));
  opened.set(kind, backend);
  world = await setUpCrewWorld({ backend, rows: 6 });
  const run = await world.startRun();
  const asking = { backend: world.backend, by: "eve@test" };
  return { run, asking, backend, runs: backend.runs };
}

/** A worker has taken so many rows up, and nothing more is heard of it. */
async function takeUp(runId: string, rows: number): Promise<void> {
  const worker = world.backend.worker(runId, async () => {}, {});
  workers.push(worker);
  for (let i = 0; i < rows; i += 1) await worker.getNextJob(`token-${i}`, { block: false });
}

const neverRead = async (): Promise<never> => {
  throw new Error("the source was read again");
};

describe.each(["embedded", "redis", "postgres"] as const)("asked of a run on %s", (kind) => {
  it("pause is pausing while a row is in flight, and paused when none is", async (context) => {
    const { run, asking, backend, runs } = await setUp(kind, context);
    await sayPresent(backend, ELSEWHERE);
    await takeUp(run.id, 2);
    expect(await pauseRun(asking, run.id)).toMatchObject({ state: "pausing", reason: "asked for by eve@test" });
    expect(await pauseRun(asking, run.id)).toMatchObject({ state: "pausing" });
    expect((await runs.get(run.id))?.events.map(({ what, by }) => `${what} by ${by}`)).toEqual([
      "started by ada@test",
      "queueing by ada@test",
      "running by ada@test",
      "pausing by eve@test",
    ]);
    // its process has ended, so nothing of it is in flight
    await sayLeft(backend, ELSEWHERE);
    expect(await pauseRun(asking, run.id)).toMatchObject({ state: "paused", reason: "asked for by eve@test" });
    expect(await resumeRun(run.id, asking, neverRead)).toMatchObject({ state: "running", reason: null });
  });

  it("resume lets the rows of a process that has ended wait again at once", async (context) => {
    const { run, asking, backend } = await setUp(kind, context);
    await takeUp(run.id, 3);
    const queue = backend.queue(run.id);
    expect(await queue.getActiveCount()).toBe(3);
    await sayPresent(backend, ELSEWHERE);
    await resumeRun(run.id, asking, neverRead);
    expect(await queue.getActiveCount()).toBe(3);
    await sayLeft(backend, ELSEWHERE);
    await resumeRun(run.id, asking, neverRead);
    expect(await queue.getJobCountByTypes("active", "waiting")).toBe(6);
    expect(await queue.getActiveCount()).toBe(0);
    await queue.close();
  });

  it("resume takes back a pause that has not come to rest", async (context) => {
    const { run, asking, backend } = await setUp(kind, context);
    await sayPresent(backend, ELSEWHERE);
    await takeUp(run.id, 1);
    expect(await pauseRun(asking, run.id)).toMatchObject({ state: "pausing" });
    expect(await resumeRun(run.id, asking, neverRead)).toMatchObject({ state: "running" });
    expect(await resumeRun(run.id, asking, neverRead)).toMatchObject({ state: "running" });
  });

  it("cancel tells the rows that were begun from those that were not", async (context) => {
    const { run, asking, backend } = await setUp(kind, context);
    await sayPresent(backend, ELSEWHERE);
    await takeUp(run.id, 2);
    expect(await cancelRun(asking, run.id)).toMatchObject({ state: "cancelling" });
    expect(await backend.rows.get(run.id, 5)).toMatchObject({ result: null });
    await sayLeft(backend, ELSEWHERE);
    expect(await cancelRun(asking, run.id)).toMatchObject({ state: "cancelled", outcomes: { cancelled: 6 } });
    const rows = await Array.fromAsync(backend.rows.all(run.id));
    expect(rows.map(({ result }) => result?.message)).toEqual([
      ...Array<string>(2).fill(
        "the run was cancelled before an answer was seen; the entry may have been changed, a plan shows what it is now",
      ),
      ...Array<string>(4).fill("not tried: the run was cancelled first"),
    ]);
    expect(await cancelRun(asking, run.id)).toMatchObject({ state: "cancelled" });
  });
});

describe("what can't be", () => {
  it("is refused with the state it is in, and what can be done instead", async (context) => {
    const { run, asking, runs } = await setUp("embedded", context);
    const refusals: string[] = [];
    const refused = async (what: Promise<unknown>): Promise<void> => {
      const error = await what.then(
        () => new Error("it was done"),
        (reason: Error) => reason,
      );
      const remedy = explainByCode(error)?.remedy ?? "";
      refusals.push(`${error.message} → ${remedy}`.replaceAll(run.id, "RUN"));
    };
    const be = async (state: Parameters<typeof runs.move>[2]): Promise<void> => {
      const now = (await runs.get(run.id))!.state;
      await runs.move(run.id, [now], state, null, { at: 1, what: state, by: "test", detail: null });
    };
    await refused(rowsToRetry(asking.backend, (await runs.get(run.id))!, { outcomes: ["failed"], apiCodes: [] }));
    expect(() => assertAccount(run, "f".repeat(32))).toThrow(
      `run ${run.id} is for the account ${run.accountId}, and CLOUDFLARE_ACCOUNT_ID is ${"f".repeat(32)}`,
    );
    await be("planning");
    await refused(pauseRun(asking, run.id));
    await be("halted");
    await refused(pauseRun(asking, run.id));
    await be("finished");
    await refused(pauseRun(asking, run.id));
    await refused(cancelRun(asking, run.id));
    await refused(rowsToRetry(asking.backend, (await runs.get(run.id))!, { outcomes: ["failed"], apiCodes: [7] }));
    expect(refusals).toMatchInlineSnapshot(`
      [
        "run RUN is running: which of its rows fail is not known yet → wait for its end (\`bulkpatch status RUN --watch\`), or \`bulkpatch pause RUN\` first",
        "run RUN is planning: there is nothing to pause → wait until its rows are recorded, or \`bulkpatch cancel RUN\` ends it",
        "run RUN is halted: there is nothing to pause → \`bulkpatch resume RUN\` goes on, \`bulkpatch cancel RUN\` ends it",
        "run RUN is finished: there is nothing to pause → see \`bulkpatch report RUN\`",
        "run RUN is finished: there is nothing to cancel → see \`bulkpatch report RUN\`",
        "run RUN has no row to try again: none ended as failed with code 7 after being sent → rows that were refused before they were sent are in failed.csv (\`bulkpatch report RUN --format failed\`): mend them there and run that file",
      ]
    `);
  });

  it("an unknown run is answered with the ones there are", async (context) => {
    const { run, asking } = await setUp("embedded", context);
    const [, , , adjective, animal] = run.id.split("-");
    expect((await findRun(asking.backend, `${adjective}-${animal}`)).id).toBe(run.id);
    await expect(findRun(asking.backend, "no-such-run")).rejects.toMatchObject({
      code: "run_not_found",
      message: `there is no run "no-such-run" in ${asking.backend.address}`,
      facts: { near: expect.arrayContaining([run.id]) as string[] },
    });
    expect(await settle(asking.backend, "no-such-run", "x")).toBeNull();
  });
});
