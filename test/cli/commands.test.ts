import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Command } from "commander";
import { COMMAND_LIST } from "../../src/cli/command-list.ts";
import { startDemoApi } from "../../src/demo/api.ts";
import { type DemoApi } from "../../src/demo/demo-api.ts";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { REFUSALS } from "../../src/demo/settings.ts";
import type { RunView } from "../../src/runs/view.ts";
import { quickestForTest } from "../datastores.ts";
import { type Desk, setUpDesk } from "../e2e/run-cli.ts";
import { patchesOf } from "../e2e/world.ts";

const registry = sampleRegistry({ size: 60, seed: 3, syncedShare: 0 });
/** One for all tests of this file: runs don't get in each other's way. */
let settings: Record<string, string>;
let api: DemoApi;
let desk: Desk;
beforeAll(async () => {
  settings = await quickestForTest();
});
beforeEach(async () => {
  api = await startDemoApi({ entries: registry });
  desk = await setUpDesk(api, settings);
});
afterEach(async () => {
  await desk.clear();
  await api.close();
});
const file = (name: string, text: string): Promise<void> => writeFile(join(desk.folder, name), text);
const rename = (from: number, to: number): string =>
  `id,name\n${registry
    .slice(from, to)
    .map(({ id }, i) => `${id},Renamed ${i}`)
    .join("\n")}\n`;

/** The command, or those of a group. */
function withoutGroups(command: Command): Command[] {
  return command.commands.length > 0 ? command.commands.flatMap(withoutGroups) : [command];
}

/** What `--help` prints, without a process for each. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (piece) => (text += piece) });
  command.outputHelp();
  return text;
}

describe("the command line", () => {
  it("explains each command with examples", async () => {
    const { code, stdout } = await desk.run(["--help"]);
    expect(code).toBe(0);
    const loaded = await Promise.all(COMMAND_LIST.map(({ load }) => load()));
    for (const command of loaded) expect(stdout).toMatch(new RegExp(`^ {2}${command.name()}\\b`, "m"));
    for (const command of loaded.flatMap(withoutGroups)) expect(helpOf(command), command.name()).toContain("Examples:");
    const run = loaded.find((command) => command.name() === "run")!;
    expect((await desk.call(["run", "--help"])).stdout.split("\n").slice(1)).toEqual(helpOf(run).split("\n").slice(1));
  });

  it.each([
    [["run"], 2, /expected a file/],
    [["run", "changes.csv", "--frobnicate"], 2, /unknown option/],
    [["run", "changes.csv"], 2, /no terminal to ask on/],
    [["run", "changes.csv", "--yes", "--max-changes", "many"], 2, /--max-changes: expected/],
    [["run", "missing.csv", "--yes"], 1, /missing\.csv: expected a spreadsheet, found no such file/],
    [["status", "nosuch"], 1, /there is no run "nosuch"/],
    [["worker", "--backend-url", "embedded"], 2, /embedded backend has no workers/],
    [
      ["schedul", "list"],
      2,
      /^error: unknown command 'schedul' \(did you mean schedule\?\)\n  → see bulkpatch --help\n$/,
    ],
    [
      ["schedule", "add", "hr"],
      2,
      /^error: missing required argument 'source'\n  → see bulkpatch schedule add --help\n$/,
    ],
  ])("ends %j with %i and one clear line", async (args, wanted, line) => {
    await file("changes.csv", rename(0, 1));
    const { code, stderr } = await desk.call(args);
    expect(stderr).toMatch(line);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(wanted);
    expect(api.requests().filter(({ method }) => method === "PATCH")).toHaveLength(0);
  });

  it("gives an error as JSON too", async () => {
    const { code, json } = await desk.run(["plan", "missing.csv", "--json"]);
    expect(code).toBe(1);
    expect(json()).toEqual({
      error: { code: "file_not_found", message: expect.stringContaining("missing.csv"), remedy: expect.any(String) },
    });
  });

  it("reads standard input", async () => {
    const { code, json } = await desk.run(["run", "-", "--yes", "--json"], { stdin: rename(0, 3) });
    expect(code).toBe(0);
    expect(json<RunView>()).toMatchObject({
      name: "standard input",
      state: "finished",
      rows: 3,
      outcomes: { updated: 3 },
    });
    expect(api.registry.get(registry[2]!.id)!.name).toBe("Renamed 2");
  });

  it("gives a plan as JSON and changes nothing", async () => {
    await file("changes.csv", `id,name\n${registry[0]!.id},New\n${registry[1]!.id},${registry[1]!.name}\nrubbish,x\n`);
    const { code, json } = await desk.run(["plan", "changes.csv", "--json"]);
    expect(code).toBe(3);
    expect(json()).toMatchObject({
      source: { name: "changes.csv", rows: 3 },
      summary: { update: 1, unchanged: 1, rejected_invalid: 1, rejected_not_found: 0 },
      requests: { updates: 1 },
      rows: [
        {
          row: 2,
          outcome: "update",
          impersonation_registry_id: registry[0]!.id,
          changes: { name: { from: registry[0]!.name, to: "New" } },
        },
        { row: 3, outcome: "unchanged", changes: {} },
        { row: 4, outcome: "rejected_invalid", impersonation_registry_id: null },
      ],
    });
    expect(api.requests().every(({ method }) => method === "GET")).toBe(true);
  });
});

describe("doctor", () => {
  it("finds all well", async () => {
    const { code, stdout } = await desk.call(["doctor"]);
    expect(stdout).toContain("All is well.");
    expect(stdout.match(/✓/g)).toHaveLength(6);
    expect(code).toBe(0);
    expect(api.entries()).toEqual(registry);
  });

  it.each([
    ["a token that may only read", { refuseUpdates: REFUSALS.noPermission }, /✗ permission.*Write/s],
    ["a wrong token", { refuseAll: REFUSALS.invalidToken }, /✗ token .*does not accept the API token/],
    [
      "a missing entitlement",
      { refuseAll: REFUSALS.notEntitled },
      /✗ token .*subscription does not include Email Security/,
    ],
  ])("finds %s and says what to do", async (_what, settings, line) => {
    api.set(settings);
    const { code, stdout } = await desk.call(["doctor"]);
    expect(stdout).toMatch(line);
    expect(stdout).toContain("→");
    expect(code).toBe(1);
  });

  it("finds a rate above the API's limit", async () => {
    api.set({ limit: { requests: 100, windowMs: 5_000, window: "fixed", blockMs: 5_000, retryAfter: true } });
    const { stdout } = await desk.call(["doctor", "--rate", "150/5s"]);
    expect(stdout).toMatch(/✗ rate .*150\/5s is more than the API's limit of 100\/5s/);
  });

  it("reports missing settings and a backend that is not there together", async () => {
    const { code, stdout } = await desk.call(["doctor"], {
      env: { CLOUDFLARE_API_TOKEN: "", BULKPATCH_BACKEND_URL: "redis://:geheim@127.0.0.1:1" },
    });
    expect(stdout).toMatch(/✗ settings .*CLOUDFLARE_API_TOKEN is not set/s);
    expect(stdout).toMatch(/✗ backend .*127\.0\.0\.1:1 can't be reached/);
    expect(stdout).not.toContain("geheim");
    expect(code).toBe(1);
  });

  it.each([
    ["a rate", { BULKPATCH_RATE: "fast" }, ["settings ✗", "backend ✓", "token ✓", "clock ✓", "rate ✓", "permission ✓"]],
    ["an account", { CLOUDFLARE_ACCOUNT_ID: "mine" }, ["settings ✗", "backend ✓"]],
    ["the API's address", { CLOUDFLARE_BASE_URL: "ftp://geheim" }, ["settings ✗", "backend ✓"]],
    ["a backend", { BULKPATCH_BACKEND_URL: "mysql://me:geheim@db" }, ["settings ✗"]],
  ])("says on its own line that %s is malformed, and checks what is left", async (_what, env, lines) => {
    const { code, stdout, stderr } = await desk.call(["doctor"], { env });
    const found = [...stdout.matchAll(/^([✓✗]) (\w+)/gmu)].map(([, mark, check]) => `${check} ${mark}`);
    expect(found).toEqual(lines);
    expect(stdout).toContain("→");
    expect(stderr).toBe("");
    expect(stdout).not.toMatch(/ge.?heim@/);
    expect(code).toBe(1);
  });
});

describe("plan", () => {
  it("reckons with how fast the API answers", async () => {
    api.set({ latency: { minMs: 300, maxMs: 300 } });
    await file("changes.csv", rename(0, 12));
    const { stdout } = await desk.call(["plan", "changes.csv", "--concurrency", "1"]);
    const [, seconds] = /To update +12 +in about (\d+) s; 1 at a time, an answer takes \d+\.\d s/.exec(stdout) ?? [];
    expect(Number(seconds), stdout).toBeGreaterThanOrEqual(4);
  });
});

describe("undo", () => {
  it("puts back the values from before, but not where somebody changed them since", async () => {
    await file("changes.csv", rename(0, 4));
    const { json } = await desk.call(["run", "changes.csv", "--yes", "--json"]);
    const { id } = json<RunView>();
    api.registry.get(registry[1]!.id)!.name = "Somebody Else's Choice";
    api.registry.delete(registry[2]!.id);
    const undone = await desk.call(["undo", id, "--yes", "--json", "--report-dir", "undone"]);
    expect(undone.code).toBe(3);
    expect(undone.json<RunView>()).toMatchObject({
      state: "finished",
      rows: 4,
      outcomes: { updated: 2, rejected_conflict: 1, rejected_not_found: 1 },
    });
    expect(api.registry.get(registry[0]!.id)!.name).toBe(registry[0]!.name);
    expect(api.registry.get(registry[1]!.id)!.name).toBe("Somebody Else's Choice");
    expect(await readFile(join(desk.folder, "undone", "report.csv"), "utf8")).toContain("somebody changed it since");
    expect((await desk.call(["undo", id, "--yes", "--json"])).json<RunView>()).toMatchObject({
      outcomes: { unchanged: 2 },
    });
  });

  it("that rested looks at the registry first, and leaves alone what somebody changed meanwhile", async () => {
    await file("changes.csv", rename(0, 4));
    const { id } = (await desk.call(["run", "changes.csv", "--yes", "--json"])).json<RunView>();
    const undoing = (await desk.call(["undo", id, "--yes", "--detach", "--json"])).json<RunView>();
    await desk.call(["pause", undoing.id]);
    const [kept, changed, removed] = registry as [DemoEntry, DemoEntry, DemoEntry];
    api.registry.get(changed.id)!.name = "Somebody Else's Choice";
    api.registry.delete(removed.id);
    const sent = patchesOf(api).length;
    // Ten minutes later, by the clock of whoever goes on.
    const later = "const now = Date.now; Date.now = () => now() + 600_000";
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(later)}` };
    const ended = await desk.run(["resume", undoing.id, "--json", "--report-dir", "undone"], { env });
    expect(ended.code, ended.stderr).toBe(3);
    expect(ended.json<RunView>()).toMatchObject({
      id: undoing.id,
      state: "finished",
      outcomes: { updated: 2, rejected_conflict: 1, rejected_not_found: 1 },
    });
    expect(api.registry.get(kept.id)!.name).toBe(kept.name);
    expect(api.registry.get(changed.id)!.name).toBe("Somebody Else's Choice");
    // Neither of the two others was even tried.
    expect(patchesOf(api).length - sent).toBe(2);
    expect(await readFile(join(desk.folder, "undone", "report.csv"), "utf8")).toContain(
      'somebody changed it since the plan: name was ""Renamed 1"" in the plan and is ""Somebody Else\'s Choice"" now',
    );
  });

  it("is as safe by hand, with the undo.csv of the report", async () => {
    await file("changes.csv", rename(0, 2));
    await desk.call(["run", "changes.csv", "--yes", "--report-dir", "report"]);
    Object.assign(api.registry.get(registry[1]!.id)!, {
      name: "Somebody Else's Choice",
      modified_at: new Date(Date.now() + 1_000).toISOString(),
    });
    const { code, json } = await desk.call(["run", "report/undo.csv", "--yes", "--json"]);
    expect(code).toBe(3);
    expect(json<RunView>()).toMatchObject({ outcomes: { updated: 1, rejected_conflict: 1 } });
    expect(api.registry.get(registry[0]!.id)!.name).toBe(registry[0]!.name);
    expect(api.registry.get(registry[1]!.id)!.name).toBe("Somebody Else's Choice");
  });

  it("says why it can't, for a run without a plan and one that updated nothing", async () => {
    await file("changes.csv", rename(0, 2));
    const blind = (await desk.call(["run", "changes.csv", "--yes", "--json", "--no-plan"])).json<RunView>();
    expect((await desk.call(["undo", blind.id, "--yes"])).stderr).toContain("--no-plan");
    const idle = (await desk.call(["run", "changes.csv", "--yes", "--json"])).json<RunView>();
    expect((await desk.call(["undo", idle.id, "--yes"])).stderr).toContain("updated no entry");
  });
});

describe("report", () => {
  it("writes the folder again, or one form to a file or to standard output", async () => {
    await file("changes.csv", `${rename(0, 2)}rubbish,x\n`);
    const { id } = (await desk.call(["run", "changes.csv", "--yes", "--json"])).json<RunView>();
    await mkdir(join(desk.folder, "other"));
    const all = await desk.call(["report", id, "--out", "other"]);
    expect(
      all.stdout
        .trim()
        .split("\n")
        .map((path) => path.split("/").at(-1)),
    ).toEqual(["report.csv", "summary.json", "report.html", "failed.csv", "undo.csv"]);
    const one = await desk.call(["report", id, "--format", "failed"]);
    expect(one.stdout).toContain("rubbish,x");
    await desk.call(["report", id, "--out", "s.json"]);
    expect(JSON.parse(await readFile(join(desk.folder, "s.json"), "utf8"))).toMatchObject({
      run: id,
      outcomes: { updated: 2, rejected_invalid: 1 },
    });
    expect((await desk.call(["report", id, "--format", "pdf"])).code).toBe(2);
    expect((await desk.call(["report", id, "--out", "report.pdf"])).stderr).toMatch(/ends in \.csv, \.json or \.html/);
  });
});
