import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { startTracing } from "../../src/cli/trace.ts";
import { readEnvironment } from "../../src/config.ts";
import { embeddedForTest } from "../datastores.ts";
import { freePort } from "../free-port.ts";
import { type CrewWorld, setUpCrewWorld } from "../workers/crew-world.ts";

interface SentSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}

let backend: Backend;
let world: CrewWorld;
beforeAll(async () => {
  backend = await openBackend({ url: null, dataDir: await embeddedForTest() });
  world = await setUpCrewWorld({ backend, rows: 20 });
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await world.close();
  await backend.close();
});

/** A collector that keeps the bodies of what it was sent. */
async function startCollector(): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: string[] = [];
    request.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
    request.on("end", () => {
      bodies.push(chunks.join(""));
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

/** A run of 20 rows, traced; answers what was warned of. */
async function runTraced(endpoint: string, ratio?: string): Promise<string[]> {
  const warnings: string[] = [];
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
  vi.stubEnv("OTEL_TRACES_SAMPLER_ARG", ratio);
  const stopTracing = await startTracing(readEnvironment, (message) => warnings.push(message));
  const run = await world.startRun();
  const crew = await world.startCrew();
  expect((await world.comesTo(run.id, "finished")).outcomes.updated).toBe(20);
  await crew.stop();
  await stopTracing();
  return warnings;
}

function spansIn(bodies: string[]): SentSpan[] {
  type Sent = { resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[] };
  return bodies.flatMap((body) =>
    (JSON.parse(body) as Sent).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  );
}

function attributesOf(span: SentSpan): Record<string, unknown> {
  return Object.fromEntries(span.attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
}

describe("tracing", () => {
  it("sends each row with its permit and its PATCH, and nothing of a person", async () => {
    const { url, bodies } = await startCollector();
    expect(await runTraced(url, "1")).toEqual([]);
    const spans = spansIn(bodies);
    const rows = spans.filter(({ name }) => name === "row");
    expect(new Set(rows.map((row) => attributesOf(row)["bulkpatch.row.number"])).size).toBe(20);
    expect(rows).toHaveLength(20);
    for (const row of rows) {
      expect(attributesOf(row)).toMatchObject({ "bulkpatch.row.outcome": "updated", "bulkpatch.row.attempts": 1 });
      const children = spans.filter(({ parentSpanId }) => parentSpanId === row.spanId);
      expect(children.map(({ name }) => name)).toEqual(["permit", "PATCH"]);
      expect(attributesOf(children[1]!)).toMatchObject({
        "http.request.method": "PATCH",
        "http.response.status_code": 200,
        "cloudflare.ray_id": expect.any(String) as string,
      });
    }
    const sent = bodies.join("\n");
    expect(sent).not.toContain("@");
    for (const secret of [world.api.token, world.api.accountId]) expect(sent).not.toContain(secret);
    for (const { id, name } of world.entries) {
      expect(sent).not.toContain(id);
      expect(sent).not.toContain(name);
    }
  });

  it("sends nothing of the rows that were not drawn", async () => {
    const { url, bodies } = await startCollector();
    await runTraced(url, "0");
    expect(bodies).toEqual([]);
  });

  it("warns once of a collector that is not there, and the run ends as ever", async () => {
    const [warning, ...more] = await runTraced(`http://127.0.0.1:${await freePort()}`, "1");
    expect(warning).toMatch(/^sending traces to OTEL_EXPORTER_OTLP_ENDPOINT: .*; the work goes on without them$/);
    expect(more).toEqual([]);
  });

  it("traces nothing where the collector's address is none", async () => {
    expect(await runTraced("collector", "1")).toEqual([
      "OTEL_EXPORTER_OTLP_ENDPOINT: expected an address, e.g. http://127.0.0.1:4318; nothing is traced",
    ]);
  });

  it("says which share it takes when it was given none", async () => {
    const { url } = await startCollector();
    expect(await runTraced(url, "often")).toEqual([
      'OTEL_TRACES_SAMPLER_ARG: expected a share from 0 to 1, got "often"; 0.01 is used',
    ]);
  });
});
