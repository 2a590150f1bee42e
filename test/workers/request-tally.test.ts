import { expect, test } from "vitest";
import type { RequestInfo } from "../../src/registry/client.ts";
import { RequestTally } from "../../workers/request-tally.ts";

const request = (overrides: Partial<RequestInfo>): RequestInfo => ({
  kind: "patch",
  method: "PATCH",
  status: 200,
  retry: false,
  durationMs: 1,
  headers: null,
  ...overrides,
});

test("counts requests by minute, kind and answer until they are taken", () => {
  const tally = new RequestTally();
  tally.add(request({}), 60_000);
  tally.add(request({ status: 204 }), 119_999);
  tally.add(request({ status: 429, retry: true }), 60_000);
  tally.add(request({ kind: "get", method: "GET", status: null }), 120_000);
  expect(tally.take()).toEqual({
    counts: { total: 4, retries: 1, throttled: 1 },
    traffic: [
      { minute: 60_000, kind: "patch", status: "2xx", requests: 2 },
      { minute: 60_000, kind: "patch", status: "429", requests: 1 },
      { minute: 120_000, kind: "get", status: "none", requests: 1 },
    ],
  });
  expect(tally.take()).toBeNull();
});
