import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { isCompareDue } from "../../src/plan/compare-run.ts";
import { pauseRun } from "../../src/runs/control.ts";
import { resumeRun } from "../../src/runs/resume-run.ts";
import { DEFAULT_RUN_OPTIONS, type Run, type RunEvent } from "../../src/runs/run.ts";
import { startRun } from "../../src/runs/start-run.ts";
import { embeddedForTest } from "../datastores.ts";
import { sampleRun } from "../backends/sample-run.ts";
import { noOutcomes } from "../../src/runs/outcome.ts";
import { commentRows, commentRun } from "../runs/decided-rows.ts";
import { type CrewWorld, setUpCrewWorld } from "./crew-world.ts";

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 10, 24, 9);
const hourLater = (): number => T0 + 60 * MINUTE;

function runAt(minutes: [what: string, at: number, requests?: number][], total: number, options = {}): Run {
  const events: RunEvent[] = minutes.map(([what, at, requests]) => ({
    at: at * MINUTE,
    what,
    by: "x",
    detail: null,
    ...(requests !== undefined && { requests }),
  }));
  return {
    ...sampleRun(),
    rows: 10,
    outcomes: noOutcomes(),
    finishedAt: null,
    requests: { total, retries: 0, throttled: 0 },
    events,
    options: { ...DEFAULT_RUN_OPTIONS, planRequests: 3, ...options },
  };
}

describe("a run is compared again", () => {
  it.each([
    ["is fresh", runAt([["started", 0]], 3), 4, false],
    ["waited for a worker", runAt([["started", 0]], 3), 6, true],
    ["has sent little since", runAt([["started", 0]], 3 + 299), 6, false],
    ["has sent a hundred times what comparing takes", runAt([["started", 0]], 3 + 300), 6, true],
    [
      "was compared a moment ago",
      runAt(
        [
          ["started", 0],
          ["compared again", 5, 303],
        ],
        700,
      ),
      9,
      false,
    ],
    [
      "was compared, and has sent little since",
      runAt(
        [
          ["started", 0],
          ["compared again", 5, 303],
        ],
        600,
      ),
      12,
      false,
    ],
    [
      "was compared, and has sent much since",
      runAt(
        [
          ["started", 0],
          ["compared again", 5, 303],
        ],
        603,
      ),
      12,
      true,
    ],
    [
      "goes on after a rest",
      runAt(
        [
          ["started", 0],
          ["paused", 1],
          ["resumed", 60],
        ],
        50,
      ),
      60,
      true,
    ],
    [
      "goes on after a short rest",
      runAt(
        [
          ["started", 0],
          ["paused", 1],
          ["resumed", 2],
        ],
        50,
      ),
      7,
      false,
    ],
    ["was not planned", runAt([["started", 0]], 3, { noPlan: true }), 60, false],
    ["looks at each entry anyway", runAt([["started", 0]], 3, { checkAgain: true }), 60, false],
  ] as const)("or not, when it %s", (_when, run, minute, due) => {
    expect(isCompareDue(run, minute * MINUTE)).toBe(due);
  });
});

describe("what somebody changed meanwhile", () => {
  let backend: Backend;
  let world: CrewWorld;
  beforeAll(async () => {
    backend = await openBackend({ url: null, dataDir: await embeddedForTest() });
  });
  afterAll(() => backend.close());
  afterEach(() => world.close());

  it("is left alone by a run that goes on after a rest, and the others are sent", async () => {
    world = await setUpCrewWorld({ backend, rows: 6 });
    const { api, entries } = world;
    for (const entry of api.registry.values()) entry.comments = null;
    const run = await startRun({ ...commentRows(entries), requests: 1 }, commentRun(api.accountId), {
      backend,
      by: "ada@test",
      now: () => T0,
    });
    await pauseRun({ backend, by: "ada@test", now: () => T0 + MINUTE }, run.id);
    api.registry.get(entries[1]!.id)!.comments = "a colleague was here";
    api.registry.get(entries[2]!.id)!.name = "In another field";
    api.registry.get(entries[3]!.id)!.comments = "Changed by row 5"; // as the row wants it

    await resumeRun(run.id, { backend, by: "ada@test", now: hourLater }, async () => {
      throw new Error("the source was read again");
    });
    await world.startCrew({ now: hourLater });
    const finished = await world.comesTo(run.id, "finished");
    expect(finished.outcomes).toMatchObject({ updated: 5, rejected_conflict: 1 });
    expect(api.registry.get(entries[1]!.id)!.comments).toBe("a colleague was here");
    const sent = api.requests().filter(({ method }) => method === "PATCH");
    expect(sent).toHaveLength(4);
    const conflict = await backend.rows.get(run.id, 1);
    expect(conflict?.result?.message).toContain("a colleague was here");
    expect(finished.events.map(({ what }) => what)).toContain("compared again");
    expect(finished.requests.total).toBe(1 + 1 + 4);
  });
});
