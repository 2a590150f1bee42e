import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMemoryBudgetState } from "../budget/memory-budget.ts";
import { openSource } from "../../src/changes/open-source.ts";
import { outFileOf, type OutFile } from "../../src/cli/out-file.ts";
import { planWriterFor } from "../../src/cli/plan-writer.ts";
import { startDemoApi } from "../../src/demo/api.ts";
import type { DemoApi } from "../../src/demo/demo-api.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { NO_LINT_OPTIONS } from "../../src/plan/lint/lint.ts";
import type { SourcePlan } from "../../src/plan/make-plan.ts";
import { planFromFile } from "../../src/plan/plan-from-file.ts";
import { planSource } from "../../src/plan/plan-source.ts";
import { openPlanFile } from "../../src/plan/read-plan-file.ts";
import { openRegistry, type Registry } from "../../src/registry/open-registry.ts";
import { Secret } from "../../src/secret.ts";

const entries = sampleRegistry({ size: 40, seed: 3, syncedShare: 0 });
const [, one, two, three] = entries;

let api: DemoApi;
let folder: string;
let registry: Registry;
let path: string;
let digest: string;

beforeEach(async () => {
  api = await startDemoApi({ entries: structuredClone(entries) });
  folder = await mkdtemp(join(tmpdir(), "bulkpatch-plan-file-"));
  registry = openRegistry(
    { baseUrl: api.baseUrl, accountId: api.accountId, token: new Secret(api.token) },
    { limit: 1_000_000, windowMs: 1_000 },
    createMemoryBudgetState(),
  );
  await writeFile(
    join(folder, "changes.csv"),
    `id,name,email,Department\n${one!.id},=Ada,,"a ""b"""\n${two!.id},Ben,ben@gmail.com,\nnonsense,x,,\n${three!.id},Cho,,é\n`,
  );
  path = join(folder, "plan.json");
  digest = await writePlan("plan.json");
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  await api.close();
});

function outOf(name: string, force = false): OutFile<"json" | "xlsx" | "csv"> {
  return outFileOf({ out: join(folder, name), force }, ["json", "xlsx", "csv"], "plan.json")!;
}

/** Writes the plan of changes.csv and answers its digest. */
async function writePlan(name: string, force = false): Promise<string> {
  const writer = await planWriterFor(outOf(name, force));
  const { plan, source } = await planSource({
    path: join(folder, "changes.csv"),
    read: {},
    registry,
    noPlan: false,
    checkAgain: false,
  });
  try {
    const { accountId } = registry.api;
    const facts = { accountId, sourceName: source.name, header: source.header, lint: NO_LINT_OPTIONS };
    await writer.write(plan, { ...facts, by: "ada@laptop", now: Date.UTC(2026, 10, 24) });
    return plan.digest;
  } finally {
    await plan.close();
  }
}

async function planAgain(more: Partial<Registry["api"]> = {}): Promise<SourcePlan> {
  const file = await openPlanFile(path);
  return await planFromFile({
    file,
    registry: { ...registry, api: { ...registry.api, ...more } },
    checkAgain: false,
  });
}

describe("a plan file", () => {
  it("gives the same plan again without its spreadsheet, to the last cell", async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await rm(join(folder, "changes.csv"));
    api.registry.get(one!.id)!.comments = "a field that the plan does not touch";
    const plan = await planAgain();
    const rows = await Array.fromAsync(plan.decided());
    await plan.close();
    expect(plan.digest).toBe(digest);
    expect(
      rows.map(({ row, result, cells, warnings }) => [row, result?.outcome, cells[3], warnings?.[0]?.code]),
    ).toEqual([
      [2, undefined, 'a "b"', undefined],
      [3, undefined, "", "free_mail_domain"],
      [4, "rejected_invalid", "", undefined],
      [5, undefined, "é", undefined],
    ]);
  });

  it("is refused where another plan would come of it, with the rows", async () => {
    api.registry.get(one!.id)!.name = "Somebody Else";
    Object.assign(api.registry.get(two!.id)!, { name: "Ben", email: "ben@gmail.com" });
    const refused = await planAgain().catch((error: Error) => error);
    expect(refused).toMatchObject({ code: "plan_changed" });
    expect((refused as Error).message.replace(path, "plan.json")).toBe(
      `plan.json: the registry was changed since 2026-11-24T00:00:00.000Z, so that another plan would come of it: row 2: name "${one!.name}" → "=Ada" then, name "Somebody Else" → "=Ada" now; row 3: email "${two!.email}" → "ben@gmail.com", name "${two!.name}" → "Ben" then, unchanged now`,
    );
  });

  it("is refused where one byte of it was changed", async () => {
    const bytes = await readFile(path);
    for (let at = 0; at < bytes.length; at += 41) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      await writeFile(path, changed);
      await expect(openPlanFile(path), `byte ${at}`).rejects.toMatchObject({
        code: expect.stringMatching(/^plan_file_(?:altered|form)$/),
      });
    }
    for (const cut of [bytes.subarray(0, -1), bytes.subarray(0, -200), bytes.subarray(0, 700)]) {
      await writeFile(path, cut);
      await expect(openPlanFile(path)).rejects.toMatchObject({
        code: expect.stringMatching(/^plan_file_(?:altered|form)$/),
      });
    }
  });

  it("is told from what is none, from a later form, and from one for another account", async () => {
    await expect(planAgain({ accountId: "0".repeat(32) })).rejects.toMatchObject({ code: "plan_other_account" });
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace('"bulkpatch_plan": 1', '"bulkpatch_plan": 2'));
    await expect(openPlanFile(path)).rejects.toThrow("expected a plan file of form 1, found form 2");
    await writeFile(path, "id,name\n");
    await expect(openPlanFile(path)).rejects.toThrow("expected a plan file, found something else");
    await rm(path);
    await expect(openPlanFile(path)).rejects.toThrow("can't be read (there is no such file or folder)");
  });

  it("replaces no other file unasked", async () => {
    await expect(writePlan("plan.json")).rejects.toMatchObject({ code: "file_exists" });
    await writePlan("plan.json", true);
    await expect(planWriterFor(outOf("nowhere/plan.json"))).rejects.toThrow("(there is no such file or folder)");
    expect(() => outOf("plan.pdf")).toThrow("expected a file that ends in .json, .xlsx or .csv, found ");
  });
});

it.each(["plan.csv", "plan.xlsx"])(
  "%s has every row's verdict, and can be read as a spreadsheet again",
  async (name) => {
    await writePlan(name);
    const source = await openSource(join(folder, name));
    const rows = await Array.fromAsync(source.rows());
    await source.close();
    expect(source.header.slice(0, 3)).toEqual(["row", "verdict", "entry"]);
    expect(rows.map(({ cells }) => cells.slice(0, 2))).toEqual([
      ["2", "update"],
      ["3", "update"],
      ["4", "rejected_invalid"],
      ["5", "update"],
    ]);
    expect(rows[1]!.cells[7]).toContain("free_mail_domain");
    expect(rows[0]!.change!.set).toEqual({ name: "=Ada" });
  },
);
