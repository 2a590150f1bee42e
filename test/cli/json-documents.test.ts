import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { JSON_DOCUMENTS, type JsonDocument } from "./json-documents.ts";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import type { ScriptedAnswer } from "../../src/demo/faults.ts";
import { quickestForTest, redisForTest } from "../datastores.ts";
import type { Ended, Started } from "../e2e/run-cli.ts";
import { setUpWorld, type World } from "../e2e/world.ts";
import { commentSheet } from "../runs/decided-rows.ts";
import { startReceiver } from "../schedules/notify/receiver.ts";
import { renderJsonDocs } from "./render-json-docs.ts";

const redis = await redisForTest();

const COMMANDS = Object.values(JSON_DOCUMENTS).flatMap(({ of }): string[] => of);
/** Of these, the ones whose document was looked at. */
const seen = new Set<string>();

let world: World;
/** It takes a while, in which the others are looked at. */
let demo: Started;
beforeAll(async () => {
  world = await setUpWorld({ rows: 12, settings: await quickestForTest() });
  demo = world.desk.start(["demo", "--json"]);
});
afterAll(() => world.close());

function documentNamed(command: string): JsonDocument {
  const found = Object.values<JsonDocument>(JSON_DOCUMENTS).find(({ of }) => of.includes(command));
  if (found === undefined) throw new Error(`docs/json.md names no command "${command}".`);
  seen.add(command);
  return found;
}

/** As the schema knows it: no field more, none of another type. */
function assertKnown(command: string, document: unknown): void {
  expect(documentNamed(command).schema.parse(document), command).toEqual(document);
}

/**
 * Runs a command with --json; answers its document, which is alone on standard output and all of which its schema knows.
 * `command`: as docs/json.md writes it.
 */
async function documentOf(command: string, args: string[], code = 0): Promise<Record<string, unknown>> {
  return documentIn(await world.desk.call([...args, "--json"]), command, code);
}

function documentIn(ended: Ended, command: string, code = 0): Record<string, unknown> {
  const document = ended.json<Record<string, unknown>>();
  assertKnown(command, document);
  expect(ended.code, ended.stderr).toBe(code);
  return document;
}

it("knows every document about a run", { timeout: 300_000 }, async () => {
  await documentOf("plan FILE", ["plan", "changes.csv", "--out", "plan.json"]);
  await documentOf("run FILE --dry-run", ["run", "changes.csv", "--dry-run"]);
  const first = await documentOf("run --plan PLAN --yes", ["run", "--plan", "plan.json", "--yes", "--detach"]);
  await documentOf("cancel RUN", ["cancel", String(first.id)]);
  const id = String((await documentOf("run FILE --yes", ["run", "changes.csv", "--yes", "--detach"])).id);
  expect(await documentOf("status", ["status"])).toMatchObject({ progress: { doing: "nobody" }, workers: [] });
  await documentOf("pause RUN", ["pause", id]);
  await documentOf("status --watch", ["status", "--watch"], 130);
  expect(await documentOf("resume", ["resume"])).toMatchObject({ id, state: "finished", outcomes: { updated: 12 } });
  await documentOf("runs", ["runs"]);
  await documentOf("verify", ["verify"]);
  await documentOf("report", ["report"]);
  await documentOf("report --out FOLDER", ["report", "--out", "a-folder"]);
  expect(await documentOf("report --format FORMAT", ["report", "--format", "csv"])).toMatchObject({
    rows: 12,
    out: null,
    text: expect.stringContaining("row,outcome,"),
  });
  expect(await documentOf("report --out FILE", ["report", "--out", "page.html"])).toMatchObject({
    format: "html",
    out: "page.html",
    text: null,
  });
  await documentOf("evidence RUN", ["evidence", id, "--dir", "proof"]);
  await documentOf("evidence --check FILE", ["evidence", "--check", `proof/0001-run-${id}.json`]);
  await documentOf("evidence --from DATE --to DATE", ["evidence", "--from", "2020-01-01", "--to", "2020-02-01"]);
  await documentOf("An error", ["retry", "--yes"], 1);
  await documentOf("undo --dry-run", ["undo", "--dry-run"]);
  expect(await documentOf("undo --yes", ["undo", "--yes"])).toMatchObject({ outcomes: { updated: 12 } });
});

it("knows every document about a run that left something to do", { timeout: 300_000 }, async () => {
  const [first, second] = world.entries;
  const refuse = (entryId: string, answer: ScriptedAnswer, times = 1): void =>
    world.api.script({ method: "PATCH", entryId, times, answer });
  refuse(first!.id, { status: 422, code: 1004, message: "name is reserved" });
  refuse(second!.id, { status: 400, code: 10_999, message: "not today" });
  const list = `id,comments\n${first!.id},one\n${second!.id},two\nno id,three\n`;
  await writeFile(join(world.desk.folder, "refused.csv"), list);
  await documentOf("run FILE --yes", ["run", "refused.csv", "--yes", "--report-dir", "refused"], 3);
  const file: unknown = JSON.parse(await readFile(join(world.desk.folder, "refused", "summary.json"), "utf8"));
  assertKnown("summary.json", file);
  expect(file).toMatchObject({
    causes: [
      { outcome: "rejected_invalid", rows: 1, first_rows: [4] },
      { outcome: "rejected_by_api", http_status: 422, api_code: 1004, message: "name is reserved", rows: 1 },
      { outcome: "rejected_by_api", http_status: 400, api_code: 10_999, message: "not today", rows: 1 },
    ],
    directories: [],
  });
  const { stdout } = await world.desk.call(["report", "--format", "json"]);
  assertKnown("report --format json", JSON.parse(stdout));
  expect(JSON.parse(stdout)).toEqual(file);
  await documentOf("retry --dry-run", ["retry", "--only", "rejected_by_api", "--dry-run"]);
  await documentOf("retry --yes", ["retry", "--only", "rejected_by_api", "--yes"]);
});

it("knows every document about the registry and the settings", async () => {
  await documentOf("export", ["export"]);
  await documentOf("export --out FILE", ["export", "--out", "registry.xlsx"]);
  await documentOf("doctor", ["doctor"]);
  await documentOf("doctor", ["doctor", "--account-id", "nonsense"], 1);
  const receiver = await startReceiver();
  await documentOf("notify test URL", ["notify", "test", receiver.url, "--allow-private-address"]);
  await receiver.close();
});

it("knows every document about a schedule", { timeout: 300_000 }, async () => {
  const list = commentSheet(world.entries).replaceAll("Changed", "Changed again");
  await writeFile(join(world.desk.folder, "hr.csv"), list);
  const cron = ["--cron", "0 3 * * *"];
  await documentOf("schedule add NAME SOURCE", ["schedule", "add", "hr", "hr.csv", ...cron, "--max-changes", "2"]);
  const held = async (): Promise<string> => {
    expect(await documentOf("schedule run-now NAME", ["schedule", "run-now", "hr"], 4)).toMatchObject({
      state: "held",
    });
    const shown = await documentOf("schedule show NAME", ["schedule", "show", "hr"]);
    return (shown.held as { digest: string }).digest;
  };
  await documentOf("schedule reject NAME --digest D", ["schedule", "reject", "hr", "--digest", await held()]);
  await documentOf("schedule approve NAME --digest D", ["schedule", "approve", "hr", "--digest", await held()]);
  await documentOf("schedule run-due", ["schedule", "run-due"]);
  await documentOf("schedule pause NAME", ["schedule", "pause", "hr"]);
  await documentOf("schedule resume NAME", ["schedule", "resume", "hr"]);
  await documentOf("schedule list", ["schedule", "list"]);
  await documentOf("schedule occasions NAME", ["schedule", "occasions", "hr"]);
  const [first] = world.entries as [DemoEntry, ...DemoEntry[]];
  Object.assign(world.api.registry.get(first.id)!, { comments: "on leave" });
  const person = ["hr", "--email", first.email];
  await documentOf("schedule explain NAME --email ADDRESS", ["schedule", "explain", ...person]);
  const accepted = await documentOf("schedule accept NAME --email ADDRESS --until DATE --reason TEXT", [
    "schedule",
    "accept",
    ...person,
    "--until",
    "2099-01-01",
    "--reason",
    "on leave",
  ]);
  expect(accepted).toMatchObject({
    schedule: "hr",
    accepted: [{ email: first.email, reason: "on leave", fields: { comments: { found: "on leave" } } }],
  });
  await documentOf("schedule remove NAME", ["schedule", "remove", "hr"]);
});

it("gives every kind of error as a document", async () => {
  await documentOf("An error", ["plan", "missing.csv"], 1);
  await documentOf("An error", ["run"], 2);
  await documentOf("An error", ["run", "changes.csv", "--frobnicate"], 2);
  await documentOf("An error", ["frobnicate"], 2);
  await documentOf("An error", ["init"], 2);
  await documentOf("An error", ["worker", "--backend-url", "embedded"], 2);
});

it.skipIf(redis === null)("tells whether a worker is alive", async () => {
  await documentOf("worker --check", ["worker", "--check", "--backend-url", redis!], 1);
});

it("knows the demo's document", { timeout: 300_000 }, async () => {
  expect(documentIn(await demo.ended, "demo")).toMatchObject({ state: "finished", rows: 1_000 });
});

it("looked at the document of every command that docs/json.md names", () => {
  const needsRedis = redis === null ? ["worker --check"] : [];
  expect(COMMANDS.filter((command) => !seen.has(command))).toEqual(needsRedis);
});

it("is what docs/json.md says", async () => {
  await expect(renderJsonDocs()).toMatchFileSnapshot("../../docs/json.md");
});
