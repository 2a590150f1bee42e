import { describe, expect, it } from "vitest";
import { OPERATOR, VIEWER, useDashboards } from "./dashboard-world.ts";

const dashboards = useDashboards({ rows: 3 });

async function metrics(): Promise<Map<string, number>> {
  const answer = await dashboards.world.ask("/metrics", { headers: { authorization: `Bearer ${VIEWER}` } });
  expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  const lines = (await answer.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}

describe.each(["embedded", "redis"] as const)("/metrics on %s", (kind) => {
  it("tells of runs, rows and requests of all processes, and of what needs somebody", async (context) => {
    const { serving } = await dashboards.setUp(context, {}, kind);
    expect((await fetch(`${serving.listening}/metrics`)).status).toBe(401);
    const before = await metrics();
    const run = await dashboards.world.startRun();
    const waiting = await metrics();
    expect(waiting.get("bulkpatch_rows_waiting")! - before.get("bulkpatch_rows_waiting")!).toBe(3);
    expect(waiting.get('bulkpatch_attention{code="nobody_works"}')).toBe(1);
    await dashboards.world.startCrew();
    await dashboards.world.comesTo(run.id, "finished");
    const after = await metrics();
    const gained = (name: string): number => after.get(name)! - before.get(name)!;
    expect(gained('bulkpatch_rows{outcome="updated"}')).toBe(3);
    expect(gained('bulkpatch_runs{state="finished"}')).toBe(1);
    expect(after.get("bulkpatch_workers")).toBe(1);
    expect(after.get("process_resident_memory_bytes")).toBeGreaterThan(0);
    expect([...after.keys()].join("\n")).not.toMatch(/@/);
    expect(after.get("bulkpatch_permit_wait_seconds")).toBeLessThan(1);
    await dashboards.world.desk.registry.budget.throttled(60_000);
    const closed = await metrics();
    for (const name of ["bulkpatch_permit_wait_seconds", "bulkpatch_budget_closed_seconds"]) {
      expect(closed.get(name)).toBeGreaterThan(30);
      expect(closed.get(name)).toBeLessThanOrEqual(61);
    }
  });

  it("Bull Board shows the queues of unfinished runs and changes nothing", async (context) => {
    const { ask, serving } = await dashboards.setUp(context, {}, kind);
    const run = await dashboards.world.startRun();
    const page = await ask("/queues");
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const listed = await ask("/queues/api/queues");
    const { queues } = (await listed.json()) as { queues: { name: string; readOnlyMode: boolean; counts: object }[] };
    expect(queues.filter(({ name }) => name.includes(run.id))).toMatchObject([
      { readOnlyMode: true, counts: { waiting: 3 } },
    ]);
    const name = encodeURIComponent(`run-${run.id}`);
    for (const [method, path] of [
      ["PUT", `/queues/api/queues/${name}/pause`],
      ["PUT", `/queues/api/queues/${name}/obliterate`],
      ["PUT", "/queues/api/queues/pause"],
    ] as const)
      expect((await ask(path, { method })).status).toBe(409);
    const stranger = await fetch(`${serving.listening}/queues`, { redirect: "manual" });
    expect([stranger.status, stranger.headers.get("location")]).toEqual([303, "/login?next=%2Fqueues"]);
    const viewer = await ask("/queues", { headers: { authorization: `Bearer ${VIEWER}` } });
    expect(viewer.status).toBe(403);
    expect((await ask("/queues", { headers: { authorization: `Bearer ${OPERATOR}` } })).status).toBe(200);
    expect((await ask("/queues/static/..%2f..%2fpackage.json")).status).toBe(404);
  });
});
