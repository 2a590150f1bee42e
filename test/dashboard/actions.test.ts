import { describe, expect, it } from "vitest";
import type { RunView } from "../../src/runs/view.ts";
import { finishRefusedRun, OPERATOR, VIEWER, useDashboards } from "./dashboard-world.ts";

const dashboards = useDashboards();

async function post(
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: RunView & { code: string; remedy: string } }> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const answer = await dashboards.world.ask(path, { method: "POST", ...sent, headers: { ...type, ...headers } });
  return { status: answer.status, body: (await answer.json()) as RunView & { code: string; remedy: string } };
}

describe.each(["embedded", "redis"] as const)("what an operator does, on %s", (kind) => {
  it("pauses, resumes and cancels a run, twice as well as once, and is named in its history", async (context) => {
    await dashboards.setUp(context, {}, kind);
    const { id } = await dashboards.world.startRun();
    for (const [verb, state] of [
      ["pause", "paused"],
      ["pause", "paused"],
      ["resume", "running"],
      ["resume", "running"],
      ["cancel", "cancelled"],
      ["cancel", "cancelled"],
    ])
      expect(await post(`/api/v1/runs/${id}/${verb}`)).toMatchObject({ status: 200, body: { id, state } });
    const run = (await dashboards.world.backend.runs.get(id))!;
    expect(run.events.filter(({ by }) => by === "operator@127.0.0.1").map(({ what }) => what)).toEqual([
      "pausing",
      "paused",
      "resumed",
      "cancelling",
      "cancelled",
    ]);
    const refused = await post(`/api/v1/runs/${id}/pause`);
    expect(refused).toMatchObject({ status: 409, body: { code: "run_cancelled", remedy: "its page has the report" } });
  });

  it("tries the rows of a cause again, as one new run however often the request arrives", async (context) => {
    const world = await dashboards.setUp(context, { rows: 12 }, kind);
    const refused = world.entries.filter(({ comments }) => comments === null).slice(0, 2);
    const { run: before } = await finishRefusedRun(world, refused);
    expect((await post(`/api/v1/runs/${before.id}/retry`)).body.code).toBe("nothing_to_retry");
    const headers = { "idempotency-key": "once" };
    const wanted = { outcomes: ["rejected_by_api"], codes: [10203] };
    const first = await post(`/api/v1/runs/${before.id}/retry`, wanted, headers);
    expect(first).toMatchObject({ status: 202, body: { rows: 2 } });
    const second = await post(`/api/v1/runs/${before.id}/retry`, wanted, headers);
    expect(second.body.id).toBe(first.body.id);
    const after = await world.comesTo(first.body.id, "finished");
    expect(after).toMatchObject({ retryOf: before.id, outcomes: { updated: 2 } });

    const undone = await post(`/api/v1/runs/${after.id}/undo`);
    expect(undone).toMatchObject({ status: 202, body: { name: `undo of ${after.id}`, rows: 2 } });
    await world.comesTo(undone.body.id, "finished");
    for (const { id } of refused) expect(world.api.registry.get(id)!.comments).toBeNull();
  });

  it("lets a run go on that its safety limit halted, when the number is allowed", async (context) => {
    await dashboards.setUp(context, {}, kind);
    const { id, state } = await dashboards.world.startRun({ maxChanges: 1 });
    expect(state).toBe("halted");
    expect(await post(`/api/v1/runs/${id}/resume`)).toMatchObject({ status: 409, body: { code: "safety_limit" } });
    expect(await post(`/api/v1/runs/${id}/resume`, { max_changes: 4 })).toMatchObject({ body: { state: "running" } });
  });
});

describe("an action by a form", () => {
  it("sends the browser on to the run, and needs no script", async (context) => {
    const { logIn, submit } = await dashboards.setUp(context);
    const cookie = await logIn(OPERATOR);
    const { id } = await dashboards.world.startRun();
    const paused = await submit(`/runs/${id}/pause`, {}, { cookie });
    expect([paused.status, paused.headers.get("location")]).toEqual([303, `/runs/${id}`]);
    expect((await dashboards.world.backend.runs.get(id))!.state).toBe("paused");
    await submit(`/runs/${id}/cancel`, {}, { cookie });
    const refused = await submit(`/runs/${id}/resume`, { max_changes: "many" }, { cookie });
    expect([refused.status, refused.headers.get("content-type")]).toEqual([400, "text/html; charset=utf-8"]);
  });

  it("is refused to a viewer, to strangers and to other sites", async (context) => {
    const { logIn, submit, ask } = await dashboards.setUp(context);
    const { id } = await dashboards.world.startRun();
    const cookie = await logIn(VIEWER);
    for (const verb of ["pause", "resume", "cancel", "retry", "undo"]) {
      expect((await submit(`/runs/${id}/${verb}`, {}, { cookie })).status).toBe(403);
      expect((await submit(`/runs/${id}/${verb}`, {})).status).toBe(401);
      const viewer = { authorization: `Bearer ${VIEWER}` };
      const byApi = await ask(`/api/v1/runs/${id}/${verb}`, { method: "POST", headers: viewer });
      expect(await byApi.json()).toMatchObject({ status: 403, code: "operator_required" });
    }
    const operator = await logIn(OPERATOR);
    const forged = await submit(`/api/v1/runs/${id}/cancel`, {}, { cookie: operator, "sec-fetch-site": "cross-site" });
    expect(forged.status).toBe(403);
    expect((await dashboards.world.backend.runs.get(id))!.state).toBe("running");
  });
});
