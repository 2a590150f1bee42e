import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openSource } from "../../src/changes/open-source.ts";
import { startDemoApi } from "../../src/demo/api.ts";
import { type DemoApi } from "../../src/demo/demo-api.ts";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { makePlan, type Plan, type PlanOptions } from "../../src/plan/make-plan.ts";
import { createBudget } from "../../src/budget/budget.ts";
import { createRegistryClient } from "../../src/registry/client.ts";
import { createMemoryBudgetState } from "../budget/memory-budget.ts";
import type { RunRow } from "../../src/runs/run.ts";

let undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const one of undo.toReversed()) await one();
  undo = [];
});

const registry = sampleRegistry({ size: 2_500, seed: 5, syncedShare: 0 });

async function planFor(
  text: string,
  options: Partial<PlanOptions> = {},
  entries: DemoEntry[] = registry,
): Promise<{ plan: Plan; api: DemoApi; rows: RunRow[] }> {
  const api = await startDemoApi({ entries });
  undo.push(() => api.close());
  const folder = await mkdtemp(join(tmpdir(), "bulkpatch-plan-"));
  undo.push(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "changes.csv"), text);
  const source = await openSource(join(folder, "changes.csv"));
  let sent = 0;
  const budget = createBudget({ state: createMemoryBudgetState(), key: "test", limit: 1_000_000, windowMs: 1_000 });
  const client = createRegistryClient({ ...api, budget, onRequest: () => (sent += 1) });
  undo.push(() => client.close());
  const plan = await makePlan({
    source,
    registry: client,
    noPlan: false,
    checkAgain: false,
    requestsSent: () => sent,
    ...options,
  });
  undo.push(() => plan.close());
  const rows: RunRow[] = [];
  for await (const row of plan.decided()) rows.push(row);
  return { plan, api, rows };
}
const csv = (...lines: string[]): string => `id,email,name\n${lines.join("\n")}\n`;
const paths = ({ api }: { api: DemoApi }): string[] =>
  api.requests().map(({ method, path }) => `${method} ${path.split("impersonation_registry")[1]!.split("&")[0]}`);

describe("the requests that a plan takes", () => {
  it("are single look-ups where those are fewer than pages", async () => {
    const made = await planFor(csv(`${registry[7]!.id},,New Name`));
    expect(paths(made)).toEqual([`GET /${registry[7]!.id}`]);
    expect(made.rows[0]!.changes).toEqual({ name: { from: registry[7]!.name, to: "New Name" } });
  });

  it("are the pages of the listing where many rows name an id", async () => {
    const made = await planFor(csv(...registry.slice(0, 50).map(({ id }) => `${id},,New Name`)));
    expect(made.plan.requests).toBe(made.api.requests().length);
    expect(made.plan.requests).toBeLessThanOrEqual(4);
    expect(made.plan).toMatchObject({ rows: 50, registrySize: 2_500, summary: { update: 50 } });
  });

  it("are the pages of the listing as soon as one row names only an address", async () => {
    const made = await planFor(csv(`${registry[7]!.id},,New Name`, `,${registry[9]!.email},Other Name`));
    expect(paths(made).every((path) => path.startsWith("GET ?page="))).toBe(true);
    expect(made.plan.summary.update).toBe(2);
  });

  it("are none without comparing, where every row names an id", async () => {
    const made = await planFor(csv(...registry.slice(0, 50).map(({ id }) => `${id},,New Name`)), { noPlan: true });
    expect(made.api.requests()).toHaveLength(0);
    expect(made.plan.summary.update).toBe(50);
  });

  it("are none for a spreadsheet without a valid row", async () => {
    const made = await planFor(csv("not-an-id,,x"));
    expect(made.api.requests()).toHaveLength(0);
    expect(made.rows[0]!.result!.outcome).toBe("rejected_invalid");
  });

  it("include the registry's size where that is asked for", async () => {
    const made = await planFor(csv(`${registry[7]!.id},,New Name`), { needSize: true });
    expect(made.plan.registrySize).toBe(2_500);
    expect(made.plan.summary.update).toBe(1);
  });
});

describe("a plan's digest", () => {
  const text = csv(`${registry[1]!.id},,New Name`, `${registry[2]!.id},,Other Name`);
  const digestWith = async (edit: Partial<DemoEntry>): Promise<string> => {
    const entries = registry.map((entry, i) => (i === 1 ? { ...entry, ...edit } : entry));
    return (await planFor(text, {}, entries)).plan.digest;
  };

  it("stays while nothing changes that the plan depends on, and changes with what it does", async () => {
    const digest = await digestWith({});
    expect(await digestWith({ comments: "somebody was here", modified_at: "2026-11-24T00:00:00Z" })).toBe(digest);
    expect(await digestWith({ name: "Somebody Else" })).not.toBe(digest);
    expect(await digestWith({ name: "New Name" })).not.toBe(digest);
  });
});

describe("a plan", () => {
  it("says that an id which was looked up and does not exist is not found", async () => {
    const { rows } = await planFor(csv("00000000-0000-4000-8000-000000000000,,x"));
    expect(rows[0]!.result!.outcome).toBe("rejected_not_found");
  });

  it("goes on past entries that can't be read, and names them", async () => {
    const spoilt = structuredClone(registry.slice(0, 40));
    Object.assign(spoilt[3]!, { directory_id: "17" });
    Object.assign(spoilt[4]!, { provenance: 5, created_at: 6 });
    const sheet = `id,email,name,directory_id\n${[2, 3, 4].map((n) => `${spoilt[n]!.id},,New Name,`).join("\n")}\n`;
    const made = await planFor(sheet, {}, spoilt);
    expect(made.rows.map(({ result }) => result && [result.outcome, result.message])).toEqual([
      null,
      null,
      [
        "rejected_by_api",
        "the API shows the entry in a way that can't be read: provenance is 5, where text was expected",
      ],
    ]);
    const setsIt = await planFor(
      `id,directory_id\n${spoilt[2]!.id},5\n${spoilt[3]!.id},5\n`,
      { needSize: true },
      spoilt,
    );
    expect(setsIt.rows.map(({ result }) => result?.message ?? null)).toEqual([
      null,
      'the API shows the entry in a way that can\'t be read: directory_id is "17", where a number or null was expected',
    ]);
    expect(made.plan.notes.at(-1)).toBe(
      `2 entries of the registry can't be read in every field: ${spoilt[3]!.id} (directory_id is "17", where a number or null was expected), ${spoilt[4]!.id} (provenance is 5, where text was expected; created_at is 6, where text was expected). Rows that depend on such a field are not sent.`,
    );
  });

  it("may be read again and says the same, lines of every kind included", async () => {
    const { plan, rows } = await planFor(
      csv(`${registry[1]!.id},,"Line\u2028separator \u2029 and\nbreak"`, `${registry[2]!.id},,"é ✓"`),
    );
    const again: RunRow[] = [];
    for await (const row of plan.decided()) again.push(row);
    expect(again).toEqual(rows);
  });

  it("leaves nothing in the temporary folder", async () => {
    const own = await mkdtemp(join(tmpdir(), "bulkpatch-plan-"));
    undo.push(() => rm(own, { recursive: true }));
    vi.stubEnv("TMPDIR", own);
    undo.push(async () => vi.unstubAllEnvs());
    const { plan } = await planFor(csv(`${registry[1]!.id},,x`));
    // gone already while it is in use, so that a kill leaves nothing either
    expect((await readdir(own)).filter((name) => name.startsWith("bulkpatch-rows-"))).toEqual([]);
    expect(plan.rows).toBe(1);
  });
});
