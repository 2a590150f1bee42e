import { expect, test } from "vitest";
import { checkBackend, checkClock, checkPermission, checkRate } from "../../src/doctor/checks.ts";
import { RequestError } from "../../src/explained-error.ts";
import { parseRate } from "../../src/rate.ts";
import { HaltError, RefusedError } from "../../src/registry/errors.ts";

const NOW = Date.parse("2026-11-24T12:00:00Z");
const FACTS = { status: 404, apiCode: null, rayId: null, attempts: 1 };

test("a clock may be a minute apart from the API's", () => {
  expect(checkClock({ date: "Tue, 24 Nov 2026 12:00:59 GMT" }, NOW)).toMatchObject({ ok: true });
  expect(checkClock({ date: "Tue, 24 Nov 2026 11:58:00 GMT" }, NOW)).toEqual({
    check: "clock",
    ok: false,
    says: "is 120 s apart from the API's, so times in reports would be wrong",
    remedy: "set the clock of this machine (NTP)",
  });
  expect(checkClock({}, NOW)).toMatchObject({ ok: true, says: "the API does not tell its time" });
});

test("a rate is held against the strictest limit that the API tells of", () => {
  const headers = {
    "ratelimit-policy": '"default";q=1200;w=300, "burst";q=10;w=1',
    ratelimit: '"default";r=1000;t=200, "burst";r=9;t=1',
  };
  expect(checkRate(headers, parseRate("1140/5m"))).toMatchObject({ ok: true });
  expect(checkRate(headers, parseRate("2000/5m"))).toMatchObject({
    ok: false,
    says: "2000/5m is more than the API's limit of 1200/5m",
  });
  expect(checkRate({}, parseRate("40/s"))).toMatchObject({ ok: true, says: "40/s; the API does not tell its limit" });
});

test("a token may change entries when only the entry is refused", async () => {
  const notFound = new RefusedError("no such entry", "no such entry", true, FACTS);
  expect(await checkPermission(() => Promise.reject(notFound))).toMatchObject({ ok: true });
  const halted = new HaltError("no_permission", "the token may not", "give it the permission", FACTS);
  expect(await checkPermission(() => Promise.reject(halted))).toEqual({
    check: "permission",
    ok: false,
    says: "the token may not",
    remedy: "give it the permission",
  });
});

test("what can't be opened is found with its remedy; our own bug is no finding", async () => {
  const away = new RequestError("backend_unreachable", "it can't be reached", "start it");
  expect(await checkBackend(() => Promise.reject(away))).toMatchObject({ ok: false, remedy: "start it" });
  await expect(checkBackend(() => Promise.reject(new TypeError("x is not a function")))).rejects.toThrow(TypeError);
});
