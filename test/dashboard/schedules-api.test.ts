import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, type TestContext } from "vitest";
import type { Serving } from "../../src/dashboard/serve.ts";
import { DAY, type KeeperWorld } from "../schedules/keeper-world.ts";
import { assertDescribed } from "./api-answers.ts";
import { OPERATOR, useDashboards } from "./dashboard-world.ts";
import { setUpHeldSchedule } from "./held-schedule.ts";

const dashboards = useDashboards();
let world: KeeperWorld;
let serving: Serving;
afterEach(async () => {
  await serving?.close();
  await world?.close();
});

interface Answer {
  state: string;
  code: string;
  held: { digest: string; rows: number[]; reason: string } | null;
  last_success_at: string | null;
  occasions: { state: string; reason: string; asked_by: string | null }[];
  schedules: { name: string }[];
  attention: { kind: string; code: string; id: string }[];
  next_occasions: { schedule: string }[];
  next: string | null;
}

async function ask(method: "GET" | "POST", path: string, body?: object): Promise<Answer> {
  const at = `/api/v1${path}`;
  const headers: Record<string, string> = { authorization: `Bearer ${OPERATOR}` };
  if (body) headers["content-type"] = "application/json";
  const answer = await fetch(`${serving.listening}${at}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  await assertDescribed(method, at, answer);
  return (await answer.json()) as Answer;
}

async function setUpHeld(kind: "embedded" | "redis", context: TestContext): Promise<string> {
  const held = await setUpHeldSchedule(await dashboards.backend(context, kind));
  ({ world, serving } = held);
  return held.name;
}

describe.each(["embedded", "redis"] as const)("schedules on %s", (kind) => {
  it("one that is held needs somebody, and goes on when its plan is approved", async (context) => {
    const name = await setUpHeld(kind, context);
    const status = await ask("GET", "/status");
    expect(status.attention).toContainEqual(expect.objectContaining({ kind: "schedule", code: "held", id: name }));
    expect(status.next_occasions.map(({ schedule }) => schedule)).toContain(name);
    const { held, occasions, state } = await ask("GET", `/schedules/${name}`);
    expect([state, held!.reason, held!.rows.length]).toEqual(["held", "max_changes", 5]);
    expect(occasions.map((occasion) => occasion.state)).toEqual(["held", "in_sync"]);
    expect(await ask("POST", `/schedules/${name}/approve`, { digest: "0".repeat(64) })).toMatchObject({
      status: 409,
      code: "digest_changed",
    });
    await ask("POST", `/schedules/${name}/approve`, { digest: held!.digest });
    await world.pass(world.clock.now + 1_000);
    const after = await ask("GET", `/schedules/${name}/occasions?limit=1`);
    expect(after.occasions).toMatchObject([
      { state: "done", changes: 5, approved_by: { by: "operator@127.0.0.1" }, asked_by: "operator@127.0.0.1" },
    ]);
    const older = await ask("GET", `/schedules/${name}/occasions?limit=5&after=${after.next}`);
    expect(older.occasions.map((occasion) => occasion.state)).toEqual(["held", "in_sync"]);
    expect((await ask("GET", "/schedules")).schedules.map((schedule) => schedule.name)).toEqual([name]);
  });

  it("one is paused, resumed, run now, and its plan dropped", async (context) => {
    const name = await setUpHeld(kind, context);
    expect(await ask("POST", `/schedules/${name}/pause`)).toMatchObject({
      state: "paused",
      paused: { by: "operator@127.0.0.1" },
    });
    expect(await ask("POST", `/schedules/${name}/resume`)).toMatchObject({ state: "held" });
    const { held } = await ask("GET", `/schedules/${name}`);
    expect(await ask("POST", `/schedules/${name}/reject`, { digest: held!.digest })).toMatchObject({ state: "active" });
    await ask("POST", `/schedules/${name}/run-now`);
    expect(await ask("POST", `/schedules/${name}/run-now`)).toMatchObject({ code: "already_asked" });
    await world.pass(world.clock.now + 1_000);
    expect((await ask("GET", `/schedules/${name}`)).state).toBe("held");
    expect(await ask("GET", "/schedules/none")).toMatchObject({ status: 404, code: "schedule_not_found" });
  });

  it("one that paused itself needs somebody, one that a person paused does not", async (context) => {
    const name = await setUpHeld(kind, context);
    const attention = async (): Promise<string[]> =>
      (await ask("GET", "/status")).attention.map(({ id, code }) => `${id} ${code}`);
    const { last_success_at } = await ask("GET", `/schedules/${name}`);
    await world.pass(world.clock.now + 80 * DAY);
    // However many occasions there were since.
    expect(await ask("GET", `/schedules/${name}`)).toMatchObject({
      last_success_at: expect.stringContaining("T"),
      last: { state: "skipped" },
    });
    expect((await ask("GET", `/schedules/${name}`)).last_success_at).toBe(last_success_at);
    expect(await attention()).toEqual([`${name} paused_by_itself`]);
    await ask("POST", `/schedules/${name}/resume`);
    expect(await attention()).toEqual([`${name} held`]);
    await ask("POST", `/schedules/${name}/pause`);
    expect(await attention()).toEqual([]);
  });

  it("what only the registry has can be downloaded", async (context) => {
    const name = await setUpHeld(kind, context);
    const [missing, ...others] = world.people();
    await world.list(others);
    await world.pass(world.clock.now + DAY);
    const download = (file: string): Promise<Response> =>
      fetch(`${serving.listening}/api/v1/schedules/${name}/left-overs/${file}`, {
        headers: { authorization: `Bearer ${OPERATOR}` },
      });
    const sent = await download("not-in-list.csv");
    expect(sent.headers.get("content-disposition")).toBe(`attachment; filename="${name}-not-in-list.csv"`);
    expect((await sent.text()).trim().split("\r\n")).toEqual([
      "id,email,name",
      `${missing!.id},${missing!.email},${missing!.name}`,
    ]);
    const page = await fetch(`${serving.listening}/schedules/${name}`, {
      headers: { authorization: `Bearer ${OPERATOR}` },
    });
    expect(await page.text()).toContain(`/api/v1/schedules/${name}/left-overs/not-in-list.csv`);
    await rm(join(world.folder, "reports"), { recursive: true });
    expect((await download("not-in-list.csv")).status).toBe(404);
    expect((await download("..%2flist.csv")).status).toBe(400);
  });

  it("one of a newer version needs somebody, and keeps no other one from being shown", async (context) => {
    const name = await setUpHeld(kind, context);
    const newer = await world.add();
    const { schedules } = world.backend;
    const { version, document } = (await schedules.get(newer))!;
    const { accountId } = (await world.schedule(name)).settings;
    await schedules.step({ name: newer, version, accountId, document: document.replace('"format":1', '"format":99') });
    expect((await ask("GET", "/schedules")).schedules.map((schedule) => schedule.name)).toEqual([name]);
    const { attention } = await ask("GET", "/status");
    expect(attention).toContainEqual(expect.objectContaining({ kind: "schedule", code: "schedule_newer", id: newer }));
    expect(await ask("GET", `/schedules/${newer}`)).toMatchObject({ status: 409, code: "schedule_newer" });
  });
});
