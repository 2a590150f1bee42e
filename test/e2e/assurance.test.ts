import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openBackend } from "../../src/backends/open.ts";
import { claimPlanFile } from "../../src/plan/plan-from-file.ts";
import { openPlanFile } from "../../src/plan/read-plan-file.ts";
import type { Verification } from "../../src/report/verify.ts";
import type { RunView } from "../../src/runs/view.ts";
import { Webhook } from "standardwebhooks";
import { quickestForTest } from "../datastores.ts";
import { startReceiver } from "../schedules/notify/receiver.ts";
import { setUpWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await setUpWorld({ rows: 12, settings: await quickestForTest() });
});
afterEach(() => world.close());

it("a plan is approved, carried out once, verified, and told to an auditor", async () => {
  const { api, desk, entries } = world;
  const planned = await desk.call(["plan", "changes.csv", "--out", "plan.json", "--expect-no-changes"]);
  expect(planned).toMatchObject({ code: 5, stderr: expect.stringContaining("bulkpatch run --plan plan.json") });
  const text = await readFile(join(desk.folder, "plan.json"), "utf8");
  const { digest } = JSON.parse(text) as { digest: string };
  expect(text).not.toContain(api.token);

  await writeFile(join(desk.folder, "changes.csv"), "gone");
  const run = (await desk.call(["run", "--plan", "plan.json", "--yes", "--json"])).json<RunView>();
  expect(run).toMatchObject({ state: "finished", outcomes: { updated: 12 } });

  api.registry.get(entries[3]!.id)!.comments = "somebody was here";
  const verified = await desk.call(["verify", run.id, "--json"]);
  expect(verified.code).toBe(5);
  expect(verified.json<Verification>()).toMatchObject({ checked: 12, same: 11, different: [{ row: 5 }], gone: [] });

  const made = await desk.call(["evidence", run.id, "--json"]);
  const { file } = made.json<{ file: string }>();
  const evidence = await readFile(file, "utf8");
  expect(evidence).not.toContain(api.token);
  const { run: facts, rows, approval } = JSON.parse(evidence);
  expect(facts).toMatchObject({ id: run.id, plan_digest: digest });
  expect(approval).toMatchObject({ on_behalf_of: null, how: "started the run" });
  expect(rows[0]).toMatchObject({ outcome: "updated", cf_ray: expect.any(String), cf_auditlog_id: expect.any(String) });
  const today = new Date().toISOString().slice(0, 10);
  const period = await desk.call(["evidence", "--from", "2026-01-01", "--to", today, "--json"]);
  const listed = period.json<{ file: string }>().file;
  expect(JSON.parse(await readFile(listed, "utf8"))).toMatchObject({ runs: [{ id: run.id }], number: 2 });
  expect((await desk.call(["evidence", "--check", listed])).stdout).toContain("and so is 1 file before it");
  await writeFile(file, evidence.replace('"attempts":1', '"attempts":2'));
  const broken = await desk.call(["evidence", "--check", listed]);
  expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining("some were changed since") });

  // also where the registry is again as it was before
  for (const entry of entries) api.registry.set(entry.id, entry);
  const sent = api.requests().length;
  const again = await desk.call(["run", "--plan", "plan.json", "--yes", "--json"]);
  expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining(`carried out already, by run ${run.id}`) });
  expect(again.json()).toMatchObject({ id: run.id, state: "finished" });
  const looked = await desk.call(["run", "--plan", "plan.json", "--dry-run"]);
  expect(looked).toMatchObject({ code: 1, stderr: expect.stringContaining("to do it again, make the plan again") });
  expect(api.requests()).toHaveLength(sent);
});

it("a plan file whose command was killed before its run was made is carried out all the same", async () => {
  const { desk } = world;
  await desk.call(["plan", "changes.csv", "--out", "plan.json"]);
  const id = `${new Date().toISOString().slice(0, 10)}-never-born`;
  const { BULKPATCH_BACKEND_URL: url = null, BULKPATCH_DATA_DIR: dataDir } = desk.env;
  const backend = await openBackend({ url, dataDir: dataDir! });
  try {
    await claimPlanFile(backend.leases, await openPlanFile(join(desk.folder, "plan.json")), id);
  } finally {
    await backend.close();
  }
  const run = await desk.call(["run", "--plan", "plan.json", "--yes", "--json"]);
  expect(run.json()).toMatchObject({ id, state: "finished", outcomes: { updated: 12 } });
});

it("a run tells how it ended, signed, and is none the worse where nobody listens", async () => {
  const receiver = await startReceiver();
  try {
    const key = Buffer.alloc(32, 5).toString("base64");
    const env = { BULKPATCH_WEBHOOK_SECRET: `whsec_${key}` };
    const args = ["run", "changes.csv", "--yes", "--json", "--allow-private-address", "--notify", receiver.url];
    const ended = await world.desk.call([...args, "--notify", "http://127.0.0.1:9/secret"], { env });
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining("http://127.0.0.1:9/… was not accepted") });
    expect(ended.stderr).not.toContain("secret");
    const [message] = receiver.received;
    const body = new Webhook(`whsec_${key}`).verify(message!.body, message!.headers as Record<string, string>);
    expect(body).toMatchObject({
      type: "run.done",
      data: { run: { id: ended.json<RunView>().id, state: "finished", outcomes: { updated: 12 } } },
    });
    expect(receiver.received).toHaveLength(1);
    // left to others, it is told by whoever ends it
    const detached = await world.desk.call([...args.slice(0, 2), "--no-plan", ...args.slice(2), "--detach"], { env });
    const { id } = detached.json<RunView>();
    expect(receiver.received).toHaveLength(1);
    expect((await world.desk.call(["resume", id], { env })).code).toBe(0);
    const later = receiver.received.map(
      ({ body: text }) => JSON.parse(text) as { type: string; data: { run: RunView } },
    );
    expect(later[1]).toMatchObject({ type: "run.done", data: { run: { id, state: "finished" } } });
    expect(later).toHaveLength(2);
    const tested = await world.desk.call(["notify", "test", receiver.url, "--allow-private-address"], { env });
    expect(tested).toMatchObject({ code: 0, stdout: expect.stringContaining("signed with BULKPATCH_WEBHOOK_SECRET") });
    const refused = await world.desk.call(["notify", "test", receiver.url], { env });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("expected an https:// address") });
  } finally {
    await receiver.close();
  }
});

it("what is to be read how is said once, and strange rows are rejected where that is asked for", async () => {
  const { desk, entries } = world;
  await writeFile(join(desk.folder, "moves.csv"), `id,email\n${entries[0]!.id},ada@gmail.com\n`);
  for (const args of [
    ["run", "--yes"],
    ["run", "moves.csv", "--plan", "plan.json", "--yes"],
    ["run", "--plan", "p", "--yes", "--limit", "1"],
  ]) {
    expect((await desk.call(args)).code, args.join(" ")).toBe(2);
  }
  const strict = await desk.call(["plan", "moves.csv", "--strict"]);
  expect(strict).toMatchObject({ code: 3, stdout: expect.stringContaining("free_mail_domain: anybody gets") });
  const allowed = await desk.call(["plan", "moves.csv", "--strict", "--allow-domain", "gmail.com"]);
  expect(allowed.code).toBe(0);
});
