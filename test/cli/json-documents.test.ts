import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { JSON_DOCUMENTS } from "../../src/cli/json-documents.ts";
import { embeddedForTest, redisForTest } from "../datastores.ts";
import { setUpWorld, type World } from "../e2e/world.ts";
import { commentSheet } from "../runs/decided-rows.ts";
import { startReceiver } from "../schedules/notify/receiver.ts";
import { renderJsonDocs } from "./render-json-docs.ts";

const redis = await redisForTest();

type Kind = keyof typeof JSON_DOCUMENTS;

let world: World;
beforeAll(async () => {
  world = await setUpWorld({ rows: 12, settings: { BULKPATCH_DATA_DIR: await embeddedForTest() } });
});
afterAll(() => world.close());

/** Runs a command with --json; answers its document, which is alone on standard output and all of which its schema knows. */
async function documentOf(kind: Kind, args: string[], code = 0): Promise<Record<string, unknown>> {
  const ended = await world.desk.run([...args, "--json"]);
  const document = ended.json<Record<string, unknown>>();
  expect(JSON_DOCUMENTS[kind].schema.parse(document), args.join(" ")).toEqual(document);
  expect(ended.code, ended.stderr).toBe(code);
  return document;
}

it("knows every document about a run", { timeout: 300_000 }, async () => {
  await documentOf("plan", ["plan", "changes.csv", "--out", "plan.json"]);
  await documentOf("plan", ["run", "changes.csv", "--dry-run"]);
  const id = String((await documentOf("run", ["run", "changes.csv", "--yes", "--detach"])).id);
  expect(await documentOf("status", ["status"])).toMatchObject({ progress: { doing: "nobody" }, workers: [] });
  await documentOf("run", ["pause", id]);
  await documentOf("status", ["status", "--watch"], 130);
  expect(await documentOf("run", ["resume"])).toMatchObject({ id, state: "finished", outcomes: { updated: 12 } });
  await documentOf("runs", ["runs"]);
  await documentOf("verify", ["verify"]);
  await documentOf("report", ["report"]);
  expect(await documentOf("report file", ["report", "--format", "csv"])).toMatchObject({
    rows: 12,
    out: null,
    text: expect.stringContaining("row,outcome,"),
  });
  expect(await documentOf("report file", ["report", "--out", "page.html"])).toMatchObject({
    format: "html",
    out: "page.html",
    text: null,
  });
  await documentOf("evidence", ["evidence", id, "--dir", "proof"]);
  await documentOf("evidence check", ["evidence", "--check", `proof/0001-run-${id}.json`]);
  await documentOf("plan", ["undo", "--dry-run"]);
  await documentOf("error", ["retry", "--yes"], 1);
  const other = await documentOf("run", ["run", "changes.csv", "--yes", "--detach", "--no-plan"]);
  await documentOf("run", ["cancel", String(other.id)]);
});

it("knows every document about the registry and the settings", async () => {
  await documentOf("export", ["export"]);
  await documentOf("export", ["export", "--out", "registry.xlsx"]);
  await documentOf("doctor", ["doctor"]);
  const receiver = await startReceiver();
  await documentOf("notify", ["notify", "test", receiver.url, "--allow-private-address"]);
  await receiver.close();
});

it("knows every document about a schedule", { timeout: 300_000 }, async () => {
  await writeFile(
    join(world.desk.folder, "hr.csv"),
    commentSheet(world.entries).replaceAll("Changed", "Changed again"),
  );
  await documentOf("schedule", ["schedule", "add", "hr", "hr.csv", "--cron", "0 3 * * *", "--max-changes", "2"]);
  expect(await documentOf("run-now", ["schedule", "run-now", "hr"], 4)).toMatchObject({ state: "held" });
  const shown = await documentOf("schedule show", ["schedule", "show", "hr"]);
  const { digest } = shown.held as { digest: string };
  await documentOf("schedule", ["schedule", "approve", "hr", "--digest", digest]);
  await documentOf("occasions", ["schedule", "run-due"]);
  await documentOf("schedule", ["schedule", "pause", "hr"]);
  await documentOf("schedule", ["schedule", "resume", "hr"]);
  await documentOf("schedules", ["schedule", "list"]);
  await documentOf("occasions", ["schedule", "occasions", "hr"]);
  await documentOf("explain", ["schedule", "explain", "hr", "--email", world.entries[0]!.email]);
  await documentOf("schedule remove", ["schedule", "remove", "hr"]);
});

it("gives every kind of error as a document", async () => {
  await documentOf("error", ["plan", "missing.csv"], 1);
  await documentOf("error", ["run"], 2);
  await documentOf("error", ["run", "changes.csv", "--frobnicate"], 2);
  await documentOf("error", ["frobnicate"], 2);
  await documentOf("error", ["init"], 2);
  await documentOf("error", ["worker"], 2);
  await documentOf("error", ["doctor", "--account-id", "nonsense"], 1);
});

it.skipIf(redis === null)("tells whether a worker is alive", async () => {
  await documentOf("worker", ["worker", "--check", "--backend-url", redis!], 1);
});

it("is what docs/json.md says", async () => {
  await expect(renderJsonDocs()).toMatchFileSnapshot("../../docs/json.md");
});
