import { describe, expect, it } from "vitest";
import { cancelRun } from "../../src/runs/control.ts";
import type { RunRow } from "../../src/runs/run.ts";
import { ended, event, sampleRow, sampleRun } from "../backends/sample-run.ts";
import { finishRefusedRun, useDashboards } from "./dashboard-world.ts";
import { storeEndedRun } from "./store-ended-run.ts";

const dashboards = useDashboards();

async function json<T = Record<string, unknown>>(path: string): Promise<T> {
  const answer = await dashboards.world.ask(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** A run of 6 rows of which Cloudflare refused two. */
async function refusedRun(): Promise<string> {
  const { run } = await finishRefusedRun(dashboards.world, dashboards.world.entries.slice(2, 4));
  return run.id;
}

describe.each(["embedded", "redis"] as const)("the API on %s", (kind) => {
  it("shows a run, its rows and why they did not get through", async (context) => {
    await dashboards.setUp(context, { rows: 6 }, kind);
    const id = await refusedRun();
    expect(await json(`/api/v1/runs/${id}`)).toMatchObject({
      id,
      name: "changes.csv",
      state: "finished",
      rows: 6,
      outcomes: { updated: 4, rejected_by_api: 2 },
      progress: { doing: "resting", ended: 6, seconds_left: null },
      source: { header: ["id", "comments"] },
    });
    const { events } = await json<{ events: { what: string; by: string }[] }>(`/api/v1/runs/${id}`);
    expect(events[0]).toMatchObject({ what: "started", by: "ada@test" });
    expect(await json(`/api/v1/runs/${id}/causes`)).toMatchObject({
      causes: [
        { outcome: "rejected_by_api", http_status: 400, api_code: 10203, rows: 2, first_rows: [4, 5], can_retry: true },
      ],
      directories: [],
    });
    expect(await json(`/api/v1/runs/${id}/rows/4`)).toMatchObject({
      row: 4,
      outcome: "rejected_by_api",
      impersonation_registry_id: dashboards.world.entries[2]!.id,
      changes: { comments: { to: expect.any(String) } },
      api_code: 10203,
      attempts: 2, // the entry is read after a refusal
    });
    expect((await dashboards.world.ask(`/api/v1/runs/${id}/rows/99`)).status).toBe(404);
    expect((await dashboards.world.ask(`/api/v1/runs/no-such-run`)).status).toBe(404);
  });

  it("tells the causes of a large run by status and code, and names the first rows", async (context) => {
    const world = await dashboards.setUp(context, {}, kind);
    const how = { outcome: "rejected_by_api", httpStatus: 400, message: "no such thing" } as const;
    const id = await storeEndedRun(world, 5_200, (n) => ({ ...how, apiCode: n < 100 ? 7 : 8 }));
    const { causes } = await json<{ causes: { api_code: number; rows: number; first_rows: number[] }[] }>(
      `/api/v1/runs/${id}/causes`,
    );
    expect(causes.map(({ api_code, rows }) => [api_code, rows])).toEqual([
      [8, 5_100],
      [7, 100],
    ]);
    expect(causes.map(({ first_rows }) => [first_rows.length, first_rows[0]])).toEqual([
      [50, 102],
      [50, 2],
    ]);
  });

  it("counts every entry of a directory, while the run is on its way and after", async (context) => {
    const { backend, api } = await dashboards.setUp(context, {}, kind);
    const run = sampleRun({ accountId: api.accountId, createdAt: Date.now() });
    await backend.runs.create(run, event("started"));
    const { result } = ended(0, "rejected_directory_synced", { httpStatus: null, message: null });
    for (let from = 0; from < 5_600; from += 1_400) {
      const rows = Array.from({ length: 1_400 }, (_, i): RunRow => {
        const provenance = from + i < 5_300 ? "SNOOPY-OFFICE_365" : "SNOOPY-GOOGLE_DIRECTORY";
        return sampleRow(from + i, { provenance, result });
      });
      await backend.rows.stage(run.id, rows);
    }
    const directories = [
      { provenance: "SNOOPY-GOOGLE_DIRECTORY", rows: 300 },
      { provenance: "SNOOPY-OFFICE_365", rows: 5_300 },
    ];
    expect(await json(`/api/v1/runs/${run.id}/causes`)).toEqual({ causes: [], directories });
    await backend.runs.move(run.id, ["planning"], "finished", null, event("finished"));
    expect(await json(`/api/v1/runs/${run.id}/causes`)).toEqual({ causes: [], directories });
    const page = await (await dashboards.world.ask(`/runs/${run.id}`)).text();
    expect(page).toContain("5,300 entries in");
  });

  it("pages through rows and filters them", async (context) => {
    await dashboards.setUp(context, { rows: 6 }, kind);
    const id = await refusedRun();
    const rowsOf = async (query: string): Promise<{ rows: { row: number }[]; next: string | null }> =>
      await json(`/api/v1/runs/${id}/rows?${query}`);
    const first = await rowsOf("limit=4");
    expect(first.rows.map(({ row }) => row)).toEqual([2, 3, 4, 5]);
    const second = await rowsOf(`limit=4&after=${first.next}`);
    expect(second.rows.map(({ row }) => row)).toEqual([6, 7]);
    expect(second.next).toBeNull();
    expect((await rowsOf("outcome=rejected_by_api")).rows.map(({ row }) => row)).toEqual([4, 5]);
    expect((await rowsOf("code=10203&limit=1")).rows.map(({ row }) => row)).toEqual([4]);
    const { email } = dashboards.world.entries[5]!;
    expect((await rowsOf(`q=${encodeURIComponent(email.toUpperCase())}`)).rows.map(({ row }) => row)).toEqual([7]);
    expect((await dashboards.world.ask(`/api/v1/runs/${id}/rows?limit=100000`)).status).toBe(400);
  });

  it("lists runs by state, name and time, and pages through them", async (context) => {
    await dashboards.setUp(context, { rows: 2 }, kind);
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const { id } = await dashboards.world.startRun();
      ids.unshift(id);
      await cancelRun({ backend: dashboards.world.backend, by: "ada@test" }, id);
    }
    const listed = async (query: string): Promise<string[]> =>
      (await json<{ runs: { id: string }[] }>(`/api/v1/runs?${query}`)).runs.map((run) => run.id);
    expect((await listed("limit=3")).toSorted()).toEqual(ids.toSorted());
    const { next } = await json<{ next: string }>("/api/v1/runs?limit=2");
    expect((await listed(`limit=1&after=${next}`))[0]).not.toBe(next);
    expect(await listed("name=CHANGES&limit=3")).toHaveLength(3);
    expect(await listed("name=no-such-name")).toEqual([]);
    expect(await listed("state=halted&from=2020-01-01")).toEqual([]);
    expect(await listed("to=2020-01-01")).toEqual([]);
    expect((await dashboards.world.ask("/api/v1/runs?state=lost")).status).toBe(400);
  });

  it("sends every file of the report", async (context) => {
    await dashboards.setUp(context, { rows: 6 }, kind);
    const id = await refusedRun();
    const answer = await dashboards.world.ask(`/api/v1/runs/${id}/report/report.csv`);
    expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="${id}-report.csv"`);
    expect((await answer.text()).trim().split("\r\n")).toHaveLength(7);
    const summary = await dashboards.world.ask(`/api/v1/runs/${id}/report/summary.json`);
    expect(await summary.json()).toMatchObject({ run: id, outcomes: { rejected_by_api: 2 } });
    expect(await (await dashboards.world.ask(`/api/v1/runs/${id}/report/failed.csv`)).text()).toContain(
      dashboards.world.entries[3]!.id,
    );
    for (const file of ["report.html", "undo.csv", "directory-synced.csv"])
      expect((await dashboards.world.ask(`/api/v1/runs/${id}/report/${file}`)).status).toBe(200);
    expect((await dashboards.world.ask(`/api/v1/runs/${id}/report/..%2f..%2fpackage.json`)).status).toBe(400);
  });

  it("says what needs somebody: a run that nobody works on, and one that is halted", async (context) => {
    await dashboards.setUp(context, { rows: 2 }, kind);
    const run = await dashboards.world.startRun();
    const status = await json<{ attention: { id: string; code: string }[]; active: { id: string }[] }>(
      "/api/v1/status",
    );
    expect(status.attention).toContainEqual(expect.objectContaining({ id: run.id, code: "nobody_works" }));
    dashboards.world.api.set({ refuseUpdates: { status: 403, code: 10000, message: "Authentication error" } });
    await dashboards.world.startCrew({ only: run.id });
    await dashboards.world.comesTo(run.id, "halted");
    const after = await json<{ attention: { id: string; code: string; message: string }[] }>("/api/v1/status");
    expect(after.attention.find(({ id }) => id === run.id)).toMatchObject({ code: "halted" });
  });

  it("tells a load balancer that it is ready, without a token and without facts", async (context) => {
    const { serving } = await dashboards.setUp(context, {}, kind);
    expect(await (await fetch(`${serving.listening}/healthz`)).text()).toBe("ok\n");
    expect(await (await fetch(`${serving.listening}/readyz`)).text()).toBe("ready\n");
  });
});
