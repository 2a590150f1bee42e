import { expect, it } from "vitest";
import { describedApi, type Openapi, operationOf } from "./api-answers.ts";
import { OPERATOR, useDashboards, VIEWER } from "./dashboard-world.ts";
import { setUpHeldSchedule } from "./held-schedule.ts";
import { commentSheet } from "../runs/decided-rows.ts";

const dashboards = useDashboards();

/** `GET /api/v1/runs`, … */
function operationsOf({ paths }: Openapi): string[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

it("openapi.json describes every route of the contract, and no page", async () => {
  const api = await describedApi();
  expect(operationsOf(api).toSorted()).toMatchInlineSnapshot(`
    [
      "GET /api/v1/budget",
      "GET /api/v1/events",
      "GET /api/v1/plans/{plan}",
      "GET /api/v1/plans/{plan}/rows",
      "GET /api/v1/runs",
      "GET /api/v1/runs/{run}",
      "GET /api/v1/runs/{run}/causes",
      "GET /api/v1/runs/{run}/report/{file}",
      "GET /api/v1/runs/{run}/rows",
      "GET /api/v1/runs/{run}/rows/{row}",
      "GET /api/v1/schedules",
      "GET /api/v1/schedules/{schedule}",
      "GET /api/v1/schedules/{schedule}/left-overs/{file}",
      "GET /api/v1/schedules/{schedule}/occasions",
      "GET /api/v1/status",
      "GET /api/v1/workers",
      "POST /api/v1/plans",
      "POST /api/v1/plans/{plan}/run",
      "POST /api/v1/runs/{run}/cancel",
      "POST /api/v1/runs/{run}/pause",
      "POST /api/v1/runs/{run}/resume",
      "POST /api/v1/runs/{run}/retry",
      "POST /api/v1/runs/{run}/undo",
      "POST /api/v1/schedules/{schedule}/approve",
      "POST /api/v1/schedules/{schedule}/pause",
      "POST /api/v1/schedules/{schedule}/reject",
      "POST /api/v1/schedules/{schedule}/resume",
      "POST /api/v1/schedules/{schedule}/run-now",
    ]
  `);
  const all = Object.values(api.paths).flatMap((methods) => Object.values(methods));
  expect(all.every(({ summary, responses }) => summary && "default" in responses)).toBe(true);
  expect(Object.keys(api.components.schemas).filter((name) => name.endsWith("Input"))).toEqual([]);
});

it("every route answers as it is described: where it does what was asked, and where it does not", async (context) => {
  const { ask, entries, startRun, startCrew, comesTo } = await dashboards.setUp(context, { rows: 4 });
  const api = await describedApi();
  const done = new Set<string>();
  const refused = new Set<string>();
  /** `ask` throws where an answer is not as described. */
  const call = async <T>(method: "GET" | "POST", path: string, body?: object | FormData, token = OPERATOR) => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body && !(body instanceof FormData)) headers["content-type"] = "application/json";
    const sent = body instanceof FormData ? body : body && JSON.stringify(body);
    const stop = new AbortController();
    const answer = await ask(path, { method, headers, signal: stop.signal, ...(sent && { body: sent }) });
    const operation = operationOf(api, method, path);
    if (operation !== null) (answer.ok ? done : refused).add(operation);
    if (answer.headers.get("content-type") === "text/event-stream") stop.abort();
    return (answer.headers.get("content-type")?.includes("json") ? await answer.json() : null) as T;
  };

  const run = await startRun();
  await call("POST", `/api/v1/runs/${run.id}/pause`);
  await call("POST", `/api/v1/runs/${run.id}/resume`);
  const crew = await startCrew();
  await comesTo(run.id, "finished");
  await crew.stop(); // so that a later one can be cancelled
  const ended = `/api/v1/runs/${run.id}`;
  for (const path of ["", "/rows", "/rows/2", "/causes", "/report/report.csv", "/report/report.html"])
    await call("GET", `${ended}${path}`);
  await call("GET", `${ended}/report/summary.json`);
  await call("POST", `${ended}/retry`, { outcomes: ["updated"], name: "once more" });
  await call("POST", `${ended}/undo`);
  const form = new FormData();
  form.append("file", new Blob([commentSheet(entries)]), "people.csv");
  const plan = await call<{ id: string; digest: string }>("POST", "/api/v1/plans", form);
  for (const path of ["", "/rows"]) await call("GET", `/api/v1/plans/${plan.id}${path}`);
  const { id } = await call<{ id: string }>("POST", `/api/v1/plans/${plan.id}/run`, { digest: plan.digest });
  await call("POST", `/api/v1/runs/${id}/cancel`);
  for (const path of ["status", "runs", "workers", "budget", "schedules", "events"])
    await call("GET", `/api/v1/${path}`);

  // Refused: what is not there, what is not understood, who may not, who is not known.
  for (const operation of operationsOf(api)) {
    const [method, template] = operation.split(" ") as ["GET" | "POST", string];
    const path = template
      .replace("{row}", "9")
      .replace("{file}", "report.csv")
      .replace(/\{\w+\}/, "none");
    await call(method, path);
    await call(method, `${path}?limit=many&after=x`);
    await call(method, path, undefined, VIEWER);
    await call(method, path, undefined, "no token of these");
  }
  expect([...refused].toSorted()).toEqual(operationsOf(api).toSorted());

  const held = await setUpHeldSchedule(await dashboards.backend(context));
  try {
    const schedule = `/api/v1/schedules/${held.name}`;
    const { held: plans } = await call<{ held: { digest: string } }>("GET", schedule);
    await call("GET", "/api/v1/schedules");
    await call("GET", "/api/v1/status");
    await call("GET", `${schedule}/occasions?limit=1`);
    await call("GET", `${schedule}/left-overs/not-in-list.csv`);
    await call("POST", `${schedule}/approve`, plans);
    await call("POST", `${schedule}/reject`, plans);
    for (const verb of ["pause", "resume", "run-now"]) await call("POST", `${schedule}/${verb}`);
  } finally {
    await held.serving.close();
    await held.world.close();
  }
  expect([...done].toSorted()).toEqual(operationsOf(api).toSorted());
});
