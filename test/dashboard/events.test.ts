import { afterAll, afterEach, describe, expect, it, type TestContext } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openForTest } from "../runs/address-for-test.ts";
import { until } from "../until.ts";
import { type DashboardWorld, OPERATOR, setUpDashboard } from "./dashboard-world.ts";

type Kind = "embedded" | "redis";
const opened = new Map<Kind, Backend>();
let world: DashboardWorld;
const streams: Stream[] = [];
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.leave();
  await world?.close();
});
afterAll(async () => {
  for (const backend of opened.values()) await backend.close();
});

async function setUp(kind: Kind, context: TestContext): Promise<DashboardWorld> {
  const backend = opened.get(kind) ?? (await openForTest(kind, context));
  opened.set(kind, backend);
  world = await setUpDashboard({ backend, rows: 3 });
  return world;
}

interface Heard {
  event: string;
  id: string | null;
  data: { id?: string; run?: string; what?: string; state?: string };
}

interface Stream {
  heard: Heard[];
  /** Resolves once the server has ended it. */
  ended: Promise<void>;
  leave(): void;
}

/** Listens as EventSource does. */
async function listen(headers: Record<string, string> = {}): Promise<Stream> {
  const stop = new AbortController();
  const answer = await world.ask("/api/v1/events", { headers, signal: stop.signal });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const heard: Heard[] = [];
  const read = async (): Promise<void> => {
    let text = "";
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      const messages = (text + chunk).split("\n\n");
      text = messages.pop()!;
      for (const message of messages) {
        const field = (name: string): string | null => new RegExp(`^${name}: (.*)$`, "m").exec(message)?.[1] ?? null;
        if (field("data") !== null)
          heard.push({ event: field("event")!, id: field("id"), data: JSON.parse(field("data")!) as Heard["data"] });
      }
    }
  };
  const stream = { heard, ended: read().catch(() => undefined), leave: () => stop.abort() };
  streams.push(stream);
  return stream;
}

describe.each(["embedded", "redis"] as const)("live events on %s", (kind) => {
  it("tell of a new run, of what is done to it, and of its end", async (context) => {
    await setUp(kind, context);
    const { heard } = await listen();
    await until("the budget is told", () => heard.find(({ event }) => event === "budget"));
    const run = await world.startRun();
    await world.startCrew({ only: run.id });
    await until("its end is told", () =>
      heard.find(({ event, data }) => event === "run" && data.id === run.id && data.state === "finished"),
    );
    const history = heard.filter(({ event, data }) => event === "happened" && data.run === run.id);
    expect(history.map(({ data }) => data.what)).toEqual(["started", "queueing", "running", "finished"]);
  });

  it("say after a lost connection what was missed, and nothing else", async (context) => {
    await setUp(kind, context);
    const first = await listen();
    const run = await world.startRun();
    const last = await until("the run is told", () =>
      first.heard.findLast(({ event, data }) => event === "happened" && data.what === "running" && data.run === run.id),
    );
    first.leave();
    const { backend } = world;
    await backend.runs.move(run.id, ["running"], "pausing", null, {
      at: Date.now() + 5,
      what: "pausing",
      by: "eve@test",
      detail: null,
    });
    const second = await listen({ "last-event-id": last.id! });
    await until("the state is told", () =>
      second.heard.find(({ event, data }) => event === "run" && data.id === run.id),
    );
    expect(second.heard.filter(({ event }) => event === "happened").map(({ data }) => data.what)).toEqual(["pausing"]);
  });
});

describe("an event stream", () => {
  it("is ended when the server ends", async (context) => {
    await setUp("embedded", context);
    const { ended } = await listen();
    await world.serving.close();
    await ended;
  });

  it("is for those who are let in", async (context) => {
    const { serving } = await setUp("embedded", context);
    expect((await fetch(`${serving.listening}/api/v1/events`)).status).toBe(401);
    expect((await world.ask("/api/v1/events", { headers: { authorization: `Bearer ${OPERATOR}x` } })).status).toBe(401);
  });
});
