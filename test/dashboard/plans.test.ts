import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { commentOf, commentSheet } from "../runs/decided-rows.ts";
import { OPERATOR, VIEWER, useDashboards } from "./dashboard-world.ts";

const dashboards = useDashboards({ rows: 6 });

function formOf(text: string, name = "changes.csv", fields: Record<string, string> = {}): FormData {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append("file", new Blob([text]), name);
  return form;
}

interface PlanAnswer {
  id: string;
  digest: string;
  code: string;
  summary: Record<string, number>;
  requests: { updates: number };
  source: { name: string; rows: number };
}

async function upload(form: FormData): Promise<{ status: number; plan: PlanAnswer }> {
  const answer = await dashboards.world.ask("/api/v1/plans", { method: "POST", body: form });
  return { status: answer.status, plan: (await answer.json()) as PlanAnswer };
}

async function start(id: string, digest: string): Promise<{ status: number; body: { id: string; code: string } }> {
  const body = JSON.stringify({ digest });
  const headers = { "content-type": "application/json" };
  const answer = await dashboards.world.ask(`/api/v1/plans/${id}/run`, { method: "POST", body, headers });
  return { status: answer.status, body: (await answer.json()) as { id: string; code: string } };
}

describe.each(["embedded", "redis"] as const)("an uploaded spreadsheet on %s", (kind) => {
  it("is planned, looked at, started by its digest, once, and carried out", async (context) => {
    const { entries } = await dashboards.setUp(context, {}, kind);
    const { status, plan } = await upload(formOf(`${commentSheet(entries)}no-such-id,x\r\n`));
    expect(status).toBe(201);
    expect(plan).toMatchObject({
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      source: { name: "changes.csv", rows: 7 },
      summary: { update: 6, rejected_invalid: 1 },
      requests: { updates: 6 },
    });
    const rows = (await (await dashboards.world.ask(`/api/v1/plans/${plan.id}/rows?limit=2&after=3`)).json()) as {
      rows: { row: number; outcome: string }[];
      next: string;
    };
    expect(rows).toMatchObject({
      rows: [
        { row: 6, outcome: "update", changes: { comments: { from: entries[4]!.comments, to: commentOf(4) } } },
        { row: 7, outcome: "update" },
      ],
      next: "5",
    });
    const refused = await dashboards.world.ask(`/api/v1/plans/${plan.id}/rows?outcome=rejected_invalid`);
    expect(await refused.json()).toMatchObject({ rows: [{ row: 8 }], next: null });

    expect(dashboards.world.api.requests().filter(({ method }) => method === "PATCH")).toEqual([]);
    expect(await start(plan.id, "0".repeat(64))).toMatchObject({ status: 409, body: { code: "digest_differs" } });
    const [first, second] = await Promise.all([start(plan.id, plan.digest), start(plan.id, plan.digest)]);
    expect(first).toMatchObject({ status: 202 });
    expect(second.body.id).toBe(first.body.id);
    await dashboards.world.startCrew();
    const run = await dashboards.world.comesTo(first.body.id, "finished");
    expect(run).toMatchObject({ name: "changes.csv", outcomes: { updated: 6, rejected_invalid: 1 } });
    expect(run.events[0]).toMatchObject({ what: "started", by: "operator@127.0.0.1" });
    expect(await (await dashboards.world.ask(`/api/v1/plans/${plan.id}`)).json()).toMatchObject({ run: run.id });
  });
});

async function foldersNow(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith("bulkpatch-serve-"));
}

describe("a plan that waits", () => {
  it("leaves alone what was changed in the registry meanwhile, and is gone after an hour", async (context) => {
    let now = Date.now();
    const { entries, api } = await dashboards.setUp(context, { now: () => now });
    const { plan } = await upload(formOf(commentSheet(entries)));
    const other = await upload(formOf(commentSheet(entries)));
    now += 6 * 60_000;
    api.registry.get(entries[0]!.id)!.comments = "changed by a person";
    const { body } = await start(plan.id, plan.digest);
    await dashboards.world.startCrew();
    const run = await dashboards.world.comesTo(body.id, "finished");
    expect(run.outcomes).toMatchObject({ updated: 5, rejected_conflict: 1 });
    expect(api.registry.get(entries[0]!.id)!.comments).toBe("changed by a person");
    now += 60 * 60_000;
    expect(await start(other.plan.id, other.plan.digest)).toMatchObject({
      status: 404,
      body: { code: "plan_not_found" },
    });
  });

  it("leaves nothing on the disk when the server ends", async (context) => {
    const before = await foldersNow();
    const { entries } = await dashboards.setUp(context);
    await upload(formOf(commentSheet(entries)));
    const made = (await foldersNow()).filter((name) => !before.includes(name));
    expect(made.length).toBeGreaterThan(0);
    await dashboards.world.serving.close();
    const left = await foldersNow();
    expect(made.every((name) => left.includes(name))).toBe(false);
  });
});

describe("an upload", () => {
  it("takes the options that the command line has", async (context) => {
    const { entries } = await dashboards.setUp(context);
    const sheet = commentSheet(entries).replace("comments", "Remark");
    const options = JSON.stringify({ map: { Remark: "comments" }, limit: 3, max_changes: "2" });
    const { plan } = await upload(formOf(sheet, "changes.csv", { options }));
    expect(plan.summary).toMatchObject({ update: 3 });
    const { body } = await start(plan.id, plan.digest);
    expect(await dashboards.world.backend.runs.get(body.id)).toMatchObject({
      state: "halted",
      options: { maxChanges: 2 },
    });
    const wrong = await upload(formOf(sheet, "changes.csv", { options: '{"colour": "red"}' }));
    expect(wrong).toMatchObject({ status: 400, plan: { code: "request_invalid" } });
  });

  it("can say which row is the header, and is answered in the words of its own options", async (context) => {
    const { entries } = await dashboards.setUp(context);
    const twice = `id,comments\nno-such-id,x\n${commentSheet(entries)}`;
    const { plan } = await upload(formOf(twice, "changes.csv", { header_row: "3" }));
    expect(plan).toMatchObject({ source: { rows: 6 }, summary: { update: 6 } });
    const answer = await upload(formOf(twice, "changes.csv", { sheet: "2" }));
    expect(answer).toMatchObject({
      status: 422,
      plan: {
        code: "sheet_not_found",
        detail: "changes.csv: expected an .xlsx workbook, as the option sheet says, found a text file",
        remedy: "Leave out the option sheet, or name the workbook.",
      },
    });
  });

  it("that can't be used is answered with what is wrong with the file, by its own name", async (context) => {
    await dashboards.setUp(context);
    const { status, plan } = await upload(formOf("", "../../etc/<script>alert(1)</script>.csv"));
    expect([status, plan.code]).toEqual([422, "file_empty"]);
    expect(JSON.stringify(plan)).not.toContain("..");
    const none = await dashboards.world.ask("/api/v1/plans", { method: "POST", body: new FormData() });
    expect(await none.json()).toMatchObject({ code: "upload_missing" });
    const json = await dashboards.world.ask("/api/v1/plans", { method: "POST" });
    expect(await json.json()).toMatchObject({ code: "upload_not_understood" });
  });

  it("that is too large is refused", async (context) => {
    await dashboards.setUp(context, { mostUploadBytes: 10_000 });
    expect(await upload(formOf("x".repeat(20_000)))).toMatchObject({ status: 413, plan: { code: "upload_too_large" } });
  });

  it("works by a form, for operators only", async (context) => {
    const { logIn, serving, entries } = await dashboards.setUp(context);
    const send = async (cookie: string): Promise<Response> =>
      await fetch(`${serving.listening}/new`, {
        method: "POST",
        redirect: "manual",
        body: formOf(commentSheet(entries)),
        headers: { cookie, "sec-fetch-site": "same-origin" },
      });
    const answer = await send(await logIn(OPERATOR));
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toMatch(/^\/new\/[0-9a-f-]{36}$/);
    expect((await send(await logIn(VIEWER))).status).toBe(403);
    expect((await send("")).status).toBe(401);
  });
});
