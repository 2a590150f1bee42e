import { afterEach, describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { OPERATOR, useDashboards } from "./dashboard-world.ts";

const dashboards = useDashboards({ rows: 3 });
const streams: Stream[] = [];
afterEach(() => {
  for (const stream of streams.splice(0)) stream.leave();
});

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
  const answer = await dashboards.world.ask("/api/v1/events", { headers, signal: stop.signal });
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
    await dashboards.setUp(context, {}, kind);
    const { heard } = await listen();
    await until("the budget is told", () => heard.find(({ event }) => event === "budget"));
    const run = await dashboards.world.startRun();
    await dashboards.world.startCrew({ only: run.id });
    await until("its end is told", () =>
      heard.find(({ event, data }) => event === "run" && data.id === run.id && data.state === "finished"),
    );
    const history = heard.filter(({ event, data }) => event === "happened" && data.run === run.id);
    expect(history.map(({ data }) => data.what)).toEqual(["started", "queueing", "running", "finished"]);
  });

  it("say after a lost connection what was missed, and nothing else", async (context) => {
    await dashboards.setUp(context, {}, kind);
    const first = await listen();
    const run = await dashboards.world.startRun();
    const last = await until("the run is told", () =>
      first.heard.findLast(({ event, data }) => event === "happened" && data.what === "running" && data.run === run.id),
    );
    first.leave();
    const { backend } = dashboards.world;
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
    await dashboards.setUp(context);
    const { ended } = await listen();
    await dashboards.world.serving.close();
    await ended;
  });

  it("is for those who are let in", async (context) => {
    const { serving } = await dashboards.setUp(context);
    expect((await fetch(`${serving.listening}/api/v1/events`)).status).toBe(401);
    expect(
      (await dashboards.world.ask("/api/v1/events", { headers: { authorization: `Bearer ${OPERATOR}x` } })).status,
    ).toBe(401);
  });
});
