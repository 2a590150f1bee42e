import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startDemoApi } from "../../src/demo/api.ts";
import { type DemoApi } from "../../src/demo/demo-api.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { sampleSpreadsheet } from "../../src/demo/sample-spreadsheet.ts";
import { type ExpectedRow } from "../../src/demo/sample-rows.ts";
import type { Outcome } from "../../src/runs/outcome.ts";
import type { RunView } from "../../src/runs/view.ts";
import { BACKENDS, backendForTest } from "./backend-for-test.ts";
import { reportedOutcomes } from "./reported-outcomes.ts";
import { type Desk, setUpDesk } from "./run-cli.ts";

const ROWS = 2_000;
const registry = sampleRegistry({ size: 2_600, seed: 11 });
const sheet = sampleSpreadsheet(registry, {
  rows: ROWS,
  seed: 12,
  delimiter: ";",
  bom: true,
  newline: "\r\n",
  emptyLines: 0.02,
});

let close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const undo of close.toReversed()) await undo();
  close = [];
});

async function setUp(backend: Record<string, string>): Promise<{ api: DemoApi; desk: Desk }> {
  const api = await startDemoApi({ entries: registry });
  close.push(() => api.close());
  const desk = await setUpDesk(api, backend);
  close.push(() => desk.clear());
  await writeFile(join(desk.folder, "changes.csv"), sheet.text);
  return { api, desk };
}

/** Sent without a plan, what was so already is sent again, and answered with the same values. */
function withoutPlan(expected: ExpectedRow): Outcome {
  return expected.outcome === "unchanged" && expected.kind !== "repeat" ? "updated" : expected.outcome;
}

describe.each(BACKENDS)("2,000 rows on %s", (kind) => {
  it("end with the outcomes that they must have, and the registry shows just that", async (context) => {
    const { api, desk } = await setUp(await backendForTest(kind, context));
    const { code, stderr, json } = await desk.run(["run", "changes.csv", "--yes", "--json", "--report-dir", "report"]);
    expect(stderr).not.toMatch(/error|bug/i);
    expect(code).toBe(3);
    const run = json<RunView>();
    expect(run.state).toBe("finished");
    expect(run.rows).toBe(ROWS);

    const reported = await reportedOutcomes(desk);
    expect(Object.fromEntries(reported)).toEqual(
      Object.fromEntries(sheet.expected.map(({ row, outcome }) => [row, outcome])),
    );

    const after = api.registry;
    const changed = new Map(
      sheet.expected.filter(({ set }) => set !== null).map(({ entryId, set }) => [entryId!, set!]),
    );
    for (const before of registry) {
      const { modified_at: _m, last_modified: _l, ...wanted } = { ...before, ...changed.get(before.id) };
      expect(after.get(before.id)).toMatchObject(wanted);
      if (!changed.has(before.id)) expect(after.get(before.id)).toEqual(before);
    }
    const patches = api.requests().filter(({ method }) => method === "PATCH");
    expect(patches).toHaveLength(changed.size);
  });
});

it("without a plan, entries that the API refuses as if the token might not are told as synced", async (context) => {
  const few = sampleSpreadsheet(registry, { rows: 500, seed: 13 });
  const { api, desk } = await setUp(await backendForTest("embedded", context));
  await writeFile(join(desk.folder, "changes.csv"), few.text);
  api.set({ syncedRefusal: { status: 403, code: 10000, message: "this can not be done" } });
  const { code } = await desk.run(["run", "changes.csv", "--yes", "--no-plan", "--json", "--report-dir", "report"]);
  expect(code).toBe(3);
  expect(Object.fromEntries(await reportedOutcomes(desk))).toEqual(
    Object.fromEntries(few.expected.map((row) => [row.row, withoutPlan(row)])),
  );
});
