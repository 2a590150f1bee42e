import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSource } from "../../src/changes/open-source.ts";
import { startDemoApi } from "../../src/demo/api.ts";
import type { DemoApi } from "../../src/demo/demo-api.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import type { PlanFileRow } from "../../src/plan/plan-file.ts";
import type { RunView } from "../../src/runs/view.ts";
import { type Desk, type Ended, setUpDesk } from "./run-cli.ts";

const registry = sampleRegistry({ size: 40, seed: 3, syncedShare: 0 });
const [, one, two, three] = registry;

let api: DemoApi;
let desk: Desk;
beforeEach(async () => {
  api = await startDemoApi({ entries: structuredClone(registry) });
  desk = await setUpDesk(api);
  await writeFile(
    join(desk.folder, "changes.csv"),
    `id,name,email,Department\n${one!.id},=Ada,,"a ""b"""\n${two!.id},Ben,ben@gmail.com,\nnonsense,x,,\n${three!.id},Cho,,é\n`,
  );
});
afterEach(async () => {
  await desk.clear();
  await api.close();
});

const inDesk = (name: string): string => join(desk.folder, name);
const names = (): string[] => [one, two, three].map((entry) => api.registry.get(entry!.id)!.name);
async function makePlan(): Promise<Ended> {
  const made = await desk.run(["plan", "changes.csv", "--out", "plan.json"]);
  expect(made.stderr).toContain("Wrote plan.json: do it with bulkpatch run --plan plan.json");
  return made;
}
function refusal({ code, stderr }: Ended): string {
  expect(code).toBe(1);
  return stderr.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME").replaceAll(/\d{4}-\d\d-\d\d(?:-\w+)+/g, "RUN");
}

describe("a plan file", () => {
  it("is carried out without its spreadsheet, and once", async () => {
    await makePlan();
    expect((await stat(inDesk("plan.json"))).mode & 0o777).toBe(0o600);
    const text = await readFile(inDesk("plan.json"), "utf8");
    expect(text).not.toContain(api.token);
    const plan = JSON.parse(text) as { rows: PlanFileRow[]; digest: string };
    expect(plan.rows.map(({ row, outcome }) => [row, outcome])).toEqual([
      [2, "update"],
      [3, "update"],
      [4, "rejected_invalid"],
      [5, "update"],
    ]);
    const shown = await desk.run(["plan", "changes.csv", "--json"]);
    expect(shown.json<{ digest: string }>().digest).toBe(plan.digest);

    await writeFile(inDesk("changes.csv"), "gone");
    // fields that the plan does not touch make no difference
    api.registry.get(one!.id)!.comments = "somebody was here";
    const run = await desk.run(["run", "--plan", "plan.json", "--yes", "--json"]);
    expect(run.json<RunView>()).toMatchObject({ state: "finished", outcomes: { updated: 3, rejected_invalid: 1 } });
    expect(names()).toEqual(["=Ada", "Ben", "Cho"]);
    const { report_dir, id } = run.json<RunView>();
    const report = await readFile(join(report_dir!, "report.csv"), "utf8");
    expect(report).toContain('"a ""b"""');

    const again = await desk.run(["run", "--plan", "plan.json", "--yes"]);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/changed since|carried out already/);
    // also where the registry is as it was before
    await desk.run(["undo", id, "--yes"]);
    const undone = await desk.run(["run", "--plan", "plan.json", "--yes"]);
    expect(undone.stderr).toContain(`this plan was carried out already, by run ${id}`);
  });

  it("is refused where another plan would come of it, with the rows", async () => {
    await makePlan();
    api.registry.get(one!.id)!.name = "Somebody Else";
    api.registry.get(two!.id)!.name = "Ben";
    const refused = refusal(await desk.run(["run", "--plan", "plan.json", "--yes"]));
    expect(refused).toContain("the registry was changed since TIME");
    expect(refused).toContain(`row 2: name "${one!.name}" → "=Ada" then, name "Somebody Else" → "=Ada" now`);
    expect(refused).toContain("row 3: ");
    expect(refused).not.toContain("row 5: ");
    expect(names()[2]).toBe(three!.name);
  });

  it("is refused where one byte of it was changed", async () => {
    await makePlan();
    const text = await readFile(inDesk("plan.json"), "utf8");
    for (const [from, to] of [
      ['"=Ada"', '"Eve"'],
      ["changes.csv", "changez.csv"],
      ['"strict": false', '"strict": true'],
      ["nonsense", "nonsens3"],
    ]) {
      expect(text).toContain(from);
      await writeFile(inDesk("plan.json"), text.replace(from!, to!));
      expect(refusal(await desk.run(["run", "--plan", "plan.json", "--yes"]))).toContain(
        "found that the file was changed since",
      );
    }
    await writeFile(inDesk("plan.json"), text.slice(0, -200));
    expect(refusal(await desk.run(["run", "--plan", "plan.json", "--yes"]))).toContain("was changed since");
    expect(names()).toEqual([one, two, three].map((entry) => entry!.name));
  });

  it("is told from what is none, and from one for another account", async () => {
    expect(refusal(await desk.run(["run", "--plan", "changes.csv", "--yes"]))).toContain("expected a plan file");
    expect(refusal(await desk.run(["run", "--plan", "nope.json", "--yes"]))).toContain("can't be read (ENOENT)");
    await makePlan();
    const other = { CLOUDFLARE_ACCOUNT_ID: "0".repeat(32) };
    expect(refusal(await desk.run(["run", "--plan", "plan.json", "--yes"], { env: other }))).toContain(
      "for account 0000",
    );
    const settled = await desk.run(["run", "--plan", "plan.json", "--yes", "--limit", "1"]);
    expect(settled.code).toBe(2);
    expect((await desk.run(["run", "changes.csv", "--plan", "plan.json", "--yes"])).code).toBe(2);
    expect((await desk.run(["run", "--yes"])).code).toBe(2);
  });

  it("replaces no other file unasked", async () => {
    await writeFile(inDesk("plan.json"), "mine");
    expect(refusal(await desk.run(["plan", "changes.csv", "--out", "plan.json"]))).toContain("is there already");
    expect(await readFile(inDesk("plan.json"), "utf8")).toBe("mine");
    expect((await desk.run(["plan", "changes.csv", "--out", "plan.json", "--force"])).code).toBe(3);
    expect((await desk.run(["plan", "changes.csv", "--out", "plan.pdf"])).code).toBe(2);
  });
});

describe("a plan as a sheet", () => {
  it.each(["plan.csv", "plan.xlsx"])(
    "says every row's verdict, and can be read as a spreadsheet again: %s",
    async (name) => {
      await desk.run(["plan", "changes.csv", "--out", name]);
      const source = await openSource(inDesk(name));
      const rows = await Array.fromAsync(source.rows());
      await source.close();
      expect(source.header.slice(0, 8)).toEqual([
        "row",
        "verdict",
        "entry",
        "entry's name",
        "entry's e-mail",
        "old → new",
        "why",
        "look at",
      ]);
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
});

it("plan --expect-no-changes ends with 5 where there is something to update, and with 0 where not", async () => {
  await writeFile(inDesk("same.csv"), `id,name\n${one!.id},${one!.name}\n`);
  expect((await desk.run(["plan", "same.csv", "--expect-no-changes"])).code).toBe(0);
  expect((await desk.run(["plan", "changes.csv", "--expect-no-changes"])).code).toBe(5);
});

it("plan and run --strict reject what is warned of, unless it is allowed", async () => {
  const strict = await desk.run(["plan", "changes.csv", "--strict"]);
  expect(strict.stdout).toContain("free_mail_domain");
  const { summary } = (await desk.run(["plan", "changes.csv", "--strict", "--json"])).json<{
    summary: Record<string, number>;
  }>();
  expect(summary).toMatchObject({ update: 2, rejected_invalid: 2 });
  const allowed = await desk.run(["plan", "changes.csv", "--strict", "--allow-domain", "gmail.com", "--json"]);
  expect(allowed.json<{ summary: object }>().summary).toMatchObject({ update: 3, rejected_invalid: 1 });
});
