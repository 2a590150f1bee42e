import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { RunView } from "../../src/runs/view.ts";
import { attributesOf, startCollector } from "../collector.ts";
import { until } from "../until.ts";
import { backendForTest } from "./backend-for-test.ts";
import { setUpWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

it.for([
  ["worker", "redis", "worker is ready"],
  ["serve", "embedded", "The dashboard is at"],
] as const)("%s on %s sends traces as .env says", async ([command, kind, ready], context) => {
  const { url, bodies, headers, spans } = await startCollector();
  world = await setUpWorld({ rows: 6, settings: await backendForTest(kind, context) });
  const { desk, entries } = world;
  const settings = [
    `OTEL_EXPORTER_OTLP_ENDPOINT=${url}`,
    "OTEL_EXPORTER_OTLP_HEADERS=x-key=of%20the%20collector",
    "OTEL_SERVICE_NAME=bulk",
    "OTEL_TRACES_SAMPLER_ARG=1",
  ];
  await writeFile(join(desk.folder, ".env"), settings.join("\n"));
  const working = desk.start([command, ...(command === "serve" ? ["--port", "0"] : [])]);
  await until("it is ready", () => working.output().stderr.includes(ready));
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere" }; // the environment wins: this command sends none
  const started = await desk.call(["run", "changes.csv", "--yes", "--detach", "--json"], { env });
  const { id } = started.json<RunView>();
  await until("the run ends", async () => (await world.status(id)).state === "finished");
  working.child.kill("SIGTERM");
  await working.ended;

  const rows = spans().filter(({ name }) => name === "row");
  expect(rows.map((row) => attributesOf(row)["bulkpatch.run.id"])).toEqual(Array(6).fill(id));
  for (const { spanId, traceId } of rows) {
    const patch = spans().find(({ name, parentSpanId }) => name === "PATCH" && parentSpanId === spanId)!;
    expect(patch.traceId).toBe(traceId);
  }
  expect(headers.every((one) => one["x-key"] === "of the collector" && one["path"] === "/v1/traces")).toBe(true);
  expect(bodies[0]).toContain('"stringValue":"bulk"');
  expect(bodies.join("\n")).not.toMatch(new RegExp(`@|${entries.map(({ id: entry }) => entry).join("|")}`));
});
