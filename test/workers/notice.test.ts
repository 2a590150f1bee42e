import { expect, it } from "vitest";
import { cancelRun, pauseRun } from "../../src/runs/control.ts";
import type { RunState } from "../../src/runs/run.ts";
import { LOOK_EVERY, LOOK_EVERY_WHEN_IDLE } from "../../workers/crew.ts";
import { event, sampleRun } from "../backends/sample-run.ts";
import { openForTest } from "../runs/address-for-test.ts";
import { until } from "../until.ts";
import { setUpCrewWorld } from "./crew-world.ts";

const SECOND = 1_000;

it.for(["redis", "embedded"] as const)(
  "beside 50 paused runs on %s a crew notices within a second that a run begins, and that it is paused",
  async (kind, context) => {
    const backend = await openForTest(kind, context);
    const world = await setUpCrewWorld({ backend, rows: 320, api: { latency: { minMs: 20, maxMs: 40 } } });
    try {
      const { accountId } = world.api;
      for (let i = 0; i < 50; i += 1) {
        await backend.runs.create(sampleRun({ state: "paused", accountId }), event("paused"));
      }
      let looks = 0;
      const runs = new Proxy(backend.runs, {
        get: (target, property) => {
          if (property === "changes") looks += 1; // each look begins with that
          return Reflect.get(target, property).bind(target);
        },
      });
      const seen: { id: string; state: RunState; looks: number }[] = [];
      await world.startCrew({
        backend: { ...backend, runs },
        concurrency: 2,
        onStateSeen: ({ id, state }) => void seen.push({ id, state, looks }),
      });
      const looksUntil = async (id: string, from: number, ...states: RunState[]): Promise<number> => {
        const isIt = (one: { id: string; state: RunState }): boolean => one.id === id && states.includes(one.state);
        return (await until(`the crew sees ${states.join(" or ")}`, () => seen.find(isIt))).looks - from;
      };
      await until("it has looked, and has nothing to do", () => looks >= 3);
      expect(seen).toEqual([]);

      const run = await world.startRun();
      expect(await looksUntil(run.id, looks, "running")).toBeLessThanOrEqual(SECOND / LOOK_EVERY_WHEN_IDLE);
      await until("rows are sent", () => world.api.requests().length > 4);
      await pauseRun({ backend, by: "eve@test" }, run.id);
      expect(await looksUntil(run.id, looks, "pausing", "paused")).toBeLessThanOrEqual(SECOND / LOOK_EVERY);
      const { outcomes } = await world.comesTo(run.id, "paused");
      expect(outcomes.updated).toBeLessThan(320);
      await cancelRun({ backend, by: "eve@test" }, run.id);
      await world.comesTo(run.id, "cancelled");
    } finally {
      await world.close();
      await backend.close();
    }
  },
);
