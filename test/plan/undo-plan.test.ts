import { expect, it } from "vitest";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { makeRetryPlan } from "../../src/plan/retry-plan.ts";
import { makeUndoPlan } from "../../src/plan/undo-plan.ts";
import { RUN_STATES, type Run, type RunRow, type RunState } from "../../src/runs/run.ts";
import { isAtRest } from "../../src/runs/states.ts";
import { sampleRun } from "../backends/sample-run.ts";
import { registryForTest } from "./registry-for-test.ts";

const ENTRIES = sampleRegistry({ size: 3, seed: 11, syncedShare: 0 });

async function undo(change: Partial<Run>, since: object = {}) {
  const { api, registry } = await registryForTest({ entries: ENTRIES });
  const rows = ENTRIES.map((entry, n): RunRow => {
    const result = {
      outcome: "updated",
      message: null,
      httpStatus: 200,
      apiCode: null,
      attempts: 1,
      finishedAt: 1,
    } as const;
    const { id, email, name, provenance } = entry;
    Object.assign(api.registry.get(id)!, { name: `New ${n}` });
    const changes = { name: { from: name, to: `New ${n}` } };
    return {
      n,
      row: n + 2,
      cells: [],
      entryId: id,
      entryEmail: email,
      entryName: name,
      provenance,
      changes,
      guard: null,
      result: { ...result, rayId: null },
    };
  });
  Object.assign(api.registry.get(ENTRIES[1]!.id)!, since);
  const plan = await makeUndoPlan({
    run: { ...sampleRun(), outcomes: {}, accountId: api.accountId, state: "finished", ...change } as Run,
    rows: async function* () {
      yield* rows;
    },
    registry: { api, connect: () => ({ ...registry, close: async () => {} }) },
    now: 7,
  });
  return await Array.fromAsync(plan.decided());
}

it("puts back the values from before, where nobody changed them since", async () => {
  const rows = await undo({}, { name: "Theirs" });
  expect(rows.map(({ changes, result }) => changes ?? result!.message)).toEqual([
    { name: { from: "New 0", to: ENTRIES[0]!.name } },
    'somebody changed it since: name is "Theirs"',
    { name: { from: "New 2", to: ENTRIES[2]!.name } },
  ]);
});

it.each(RUN_STATES.filter((state) => !isAtRest(state)))("refuses a run that is %s", async (state: RunState) => {
  await expect(undo({ state })).rejects.toMatchObject({
    name: "RunError",
    code: `run_${state}`,
    facts: { asked: "undo" },
  });
});

it("refuses a run of another account, as a retry does", async () => {
  const run = { ...sampleRun(), accountId: "another", state: "finished" } as unknown as Run;
  await expect(undo({ accountId: "another" })).rejects.toMatchObject({ code: "wrong_account" });
  const { api, registry } = await registryForTest({});
  const retry = makeRetryPlan({
    backend: {} as never,
    run,
    filter: { outcomes: ["failed"], apiCodes: [] },
    registry: { api, connect: () => registry },
    now: 7,
  });
  await expect(retry).rejects.toMatchObject({ code: "wrong_account" });
});
