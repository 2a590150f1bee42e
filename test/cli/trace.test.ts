import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTracing } from "../../src/cli/trace.ts";
import { readTracing } from "../../src/tracing-settings.ts";
import { attributesOf, startCollector } from "../collector.ts";
import { freePort } from "../free-port.ts";
import { oneBackend } from "../schedules/one-backend.ts";
import { type CrewWorld, setUpCrewWorld } from "../workers/crew-world.ts";

const backend = oneBackend();
let world: CrewWorld;
beforeAll(async () => {
  world = await setUpCrewWorld({ backend: backend(), rows: 20 });
});
afterAll(() => world.close());

/** A run of 20 rows, traced; answers what was warned of. */
async function runTraced(endpoint: string, ratio?: string): Promise<string[]> {
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: ratio };
  const stopTracing = await startTracing(readTracing(settings, warn), warn);
  const run = await world.startRun();
  const crew = await world.startCrew();
  await world.comesTo(run.id, "finished");
  await crew.stop();
  await stopTracing();
  return warnings;
}

describe("tracing", () => {
  it("sends each row with its permit and its PATCH, and nothing of a person", async () => {
    const { url, bodies, spans: sentSpans } = await startCollector();
    expect(await runTraced(url, "1")).toEqual([]);
    const spans = sentSpans();
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

  it("keeps all that is done about a row in one trace: every attempt, every PATCH and GET", async () => {
    const { url, bodies, spans } = await startCollector();
    const [broken, refused] = world.entries;
    const message = `jane@corp.example is refused`;
    world.api.script({ method: "PATCH", entryId: broken!.id, times: 8, answer: { status: 503, message } });
    world.api.script({ method: "PATCH", entryId: refused!.id, answer: { status: 400, code: 10203, message } });
    await runTraced(url, "1");
    const tracesOf = (n: number): Map<string, string[]> => {
      const rows = spans().filter((span) => span.name === "row" && attributesOf(span)["bulkpatch.row.number"] === n);
      const ids = new Set(rows.map(({ traceId }) => traceId));
      return new Map(
        [...ids].map((id) => [id, spans().flatMap(({ traceId, name }) => (traceId === id ? [name] : []))]),
      );
    };
    const [[, ofBroken]] = [...tracesOf(0)] as [[string, string[]]];
    expect(tracesOf(0).size).toBe(1);
    expect(ofBroken.filter((name) => name === "row").length).toBeGreaterThan(1);
    expect(ofBroken.filter((name) => name === "PATCH")).toHaveLength(9);
    const [[, ofRefused]] = [...tracesOf(1)] as [[string, string[]]];
    expect(new Set(ofRefused)).toEqual(new Set(["row", "permit", "PATCH", "GET"]));
    expect(bodies.join("\n")).not.toContain("jane");
  });

  it("sends BullMQ's spans of the jobs that rows were in, and nothing of them that could name a person", async () => {
    const { url, spans } = await startCollector();
    await runTraced(url, "1");
    const jobs = spans().filter(({ name }) => name.startsWith("process "));
    expect(jobs.length).toBeGreaterThan(0);
    for (const job of jobs) {
      expect(
        Object.keys(attributesOf(job)).filter(
          (key) => !/^bullmq\.(queue|job)\.(name|id|operation|attempts\.made)$/.test(key),
        ),
      ).toEqual([]);
      expect(job.events ?? []).toEqual([]);
    }
    const ids = new Set(jobs.map(({ spanId }) => spanId));
    const rows = spans().filter(({ name }) => name === "row");
    expect(rows.every(({ links = [] }) => links.length === 1 && ids.has(links[0]!.spanId))).toBe(true);
    expect(spans().filter(({ name }) => !/^(row|permit|PATCH|GET|list|process .*)$/.test(name))).toEqual([]);
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
