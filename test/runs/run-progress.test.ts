import { expect, it } from "vitest";
import { paceOf, requestsLeft } from "../../src/runs/run-progress.ts";
import { MINUTE_MS, type Traffic, type TrafficCount } from "../../src/runs/traffic.ts";
import { makeRunUnderWay } from "../report/sample-run.ts";

const NOON = Date.UTC(2026, 10, 24, 12);

const FROM_NOON = makeRunUnderWay({}, { createdAt: NOON });

const trafficOf = (counts: TrafficCount[]): Traffic => ({
  since: async (_of, from) => counts.filter(({ minute }) => minute >= from),
});

const sent = (minute: number, requests: number): TrafficCount => ({ minute, kind: "patch", status: "2xx", requests });

it("counts the retries so far into the requests that are left", () => {
  expect(requestsLeft(makeRunUnderWay())).toBe(2_000);
  const halfRetried = makeRunUnderWay({ updated: 1_000 }, { requests: { total: 1_500, retries: 500, throttled: 0 } });
  expect(requestsLeft(halfRetried)).toBe(1_500);
});

it("tells the pace of this minute and the one before", async () => {
  const traffic = trafficOf([sent(NOON, 6_000), sent(NOON + 5 * MINUTE_MS, 240), sent(NOON + 6 * MINUTE_MS, 120)]);
  expect(await paceOf({ traffic }, FROM_NOON, NOON + 6.5 * MINUTE_MS)).toBe(4);
});

it("does not count the time before the run began, or went on after a rest", async () => {
  const traffic = trafficOf([sent(NOON, 40)]);
  expect(await paceOf({ traffic }, FROM_NOON, NOON + 10_000)).toBe(4);
  const resumed = makeRunUnderWay(
    {},
    {
      createdAt: NOON - 10 * MINUTE_MS,
      events: [{ at: NOON + 20_000, what: "running", by: "ada@desk", detail: null }],
    },
  );
  expect(await paceOf({ traffic }, resumed, NOON + 40_000)).toBe(2);
});

it("tells no pace where nothing was sent, or within the first second", async () => {
  expect(await paceOf({ traffic: trafficOf([]) }, FROM_NOON, NOON + 10_000)).toBeNull();
  expect(await paceOf({ traffic: trafficOf([sent(NOON, 3)]) }, FROM_NOON, NOON + 900)).toBeNull();
});
