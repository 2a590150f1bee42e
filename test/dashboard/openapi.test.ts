import { afterAll, afterEach, expect, it, type TestContext } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openForTest } from "../runs/address-for-test.ts";
import { type DashboardWorld, setUpDashboard } from "./dashboard-world.ts";

let backend: Backend | null = null;
let world: DashboardWorld;
afterEach(() => world?.close());
afterAll(async () => await backend?.close());

interface Openapi {
  paths: Record<string, Record<string, { summary?: string; responses: Record<string, unknown> }>>;
  components: { schemas: Record<string, unknown> };
}

async function read(context: TestContext): Promise<Openapi> {
  backend ??= await openForTest("embedded", context);
  world = await setUpDashboard({ backend });
  return (await (await world.ask("/api/v1/openapi.json")).json()) as Openapi;
}

it("openapi.json describes every route of the contract, and no page", async (context) => {
  const { paths } = await read(context);
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(routes.toSorted()).toMatchInlineSnapshot(`
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
  expect(
    Object.values(paths)
      .flatMap((methods) => Object.values(methods))
      .every(({ summary }) => summary),
  ).toBe(true);
});
