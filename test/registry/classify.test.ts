import { expect, test } from "vitest";
import { classify, HALT_WORDS } from "../../src/registry/classify.ts";

const react = (status: number, codes: number[] | null = [], message = "") =>
  classify({ status, codes, messages: message === "" ? [] : [message] });

test.each([408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530, 599])(
  "%i may pass by itself",
  (status) => {
    expect(react(status, null)).toEqual({ kind: "transient" });
    expect(react(status, [1000])).toEqual({ kind: "transient" });
  },
);

test.each([200, 204, 301, 302, 304])(
  "%i without what was asked for is tried again: an outcome is never made up",
  (status) => {
    expect(react(status, null)).toEqual({ kind: "transient" });
  },
);

test.each([971, 10100, 10300])("429 with code %i waits", (code) => {
  expect(react(429, [code])).toEqual({ kind: "throttled" });
  expect(react(429, null)).toEqual({ kind: "throttled" });
});

test.each([400, 402, 403, 405, 409, 413, 422, 451])("%i refuses this one call", (status) => {
  expect(react(status, [10400], "no")).toEqual({ kind: "refused", notFound: false });
});

test("404 says that there is no such entry", () => {
  expect(react(404, [10404])).toEqual({ kind: "refused", notFound: true });
});

test.each([
  [401, [], "", "token"],
  [401, [10000], "Authentication error", "token"],
  [403, [9109], "Invalid access token", "token"],
  [403, [1000], "Invalid API Token", "token"],
  [400, [6003], "Invalid request headers", "token"],
  [400, [9106], "Missing Authorization header", "token"],
  [403, [10000], "Authentication error", "permission"],
  [403, [12345], "Email Security is not available in the current subscription.", "subscription"],
  [404, [7003], "Could not route to /accounts/x", "account"],
  [404, [7000], "No route for that URI", "address"],
  [404, null, "", "address"],
] as const)("%i with codes %j and %j stops everything", (status, codes, message, because) => {
  expect(react(status, codes === null ? null : [...codes], message)).toEqual({ kind: "halt", because });
});

test("any of several codes counts", () => {
  expect(react(403, [10001, 10000])).toEqual({ kind: "halt", because: "permission" });
});

test("every halt says what to change", () => {
  for (const { code, reason, remedy } of Object.values(HALT_WORDS)) {
    expect(code).toMatch(/^[a-z_]+$/);
    expect(reason).toMatch(/^[A-Za-z].*[^.]$/);
    expect(remedy).toMatch(/then try again$/);
  }
});
