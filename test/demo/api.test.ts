import { afterEach, describe, expect, test } from "vitest";
import { startDemoApi } from "../../src/demo/api.ts";
import { type DemoApi, type DemoApiOptions } from "../../src/demo/demo-api.ts";
import { FAULTS } from "../../src/demo/faults.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { REFUSALS } from "../../src/demo/settings.ts";

const opened: DemoApi[] = [];
afterEach(async () => {
  for (const api of opened.splice(0)) await api.close();
});

interface Body {
  success: boolean;
  errors: { code: number; message: string; source?: { pointer: string } }[];
  result: unknown;
  result_info?: { count: number; page: number; per_page: number; total_count: number };
}

async function start(options: DemoApiOptions = {}) {
  const api = await startDemoApi({ entries: sampleRegistry({ size: 45, seed: 2 }), ...options });
  opened.push(api);
  const registry = `${api.baseUrl}/accounts/${api.accountId}/email-security/settings/impersonation_registry`;
  async function call(path = "", init: RequestInit & { token?: string } = {}) {
    const { token = api.token, ...rest } = init;
    const response = await fetch(path.startsWith("http") ? path : registry + path, {
      headers: { authorization: `Bearer ${token}` },
      ...rest,
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
  }
  const patch = (id: string, set: unknown) =>
    call(`/${id}`, { method: "PATCH", body: typeof set === "string" ? set : JSON.stringify(set) });
  const own = api.entries().find((entry) => entry.provenance === "A1S_INTERNAL" && !entry.is_email_regex)!;
  const synced = api.entries().find((entry) => entry.provenance !== "A1S_INTERNAL")!;
  return { api, call, patch, own, synced };
}

describe("the listing", () => {
  test("gives 20 entries a page unless asked otherwise, the oldest first", async () => {
    const { api, call } = await start();
    const { body } = await call();
    expect(body.result_info).toEqual({ count: 20, page: 1, per_page: 20, total_count: 45 });
    expect(body.result).toEqual(api.entries().slice(0, 20));
    expect((await call("?page=3")).body.result_info).toEqual({ count: 5, page: 3, per_page: 20, total_count: 45 });
    expect((await call("?page=4")).body.result).toEqual([]);
  });

  test("sorts, filters by provenance and searches", async () => {
    const { api, call } = await start();
    const names = async (query: string) =>
      ((await call(`?per_page=45&${query}`)).body.result as { name: string }[]).map(({ name }) => name);
    const sorted = api.entries().map(({ name }) => name);
    expect(await names("order=name")).toEqual(sorted.toSorted());
    expect(await names("order=name&direction=desc")).toEqual(sorted.toSorted().toReversed());
    const google = api.entries().filter(({ provenance }) => provenance === "SNOOPY-GOOGLE_DIRECTORY");
    expect(await names("provenance=SNOOPY-GOOGLE_DIRECTORY")).toHaveLength(google.length);
    expect(await names(`search=${encodeURIComponent(sorted[0]!.toUpperCase())}`)).toContain(sorted[0]);
  });

  test.each(["per_page=1001", "per_page=0", "page=0", "page=x", "order=id", "direction=up", "provenance=HR"])(
    "refuses %s with 400",
    async (query) => {
      const { call } = await start();
      const { status, body } = await call(`?${query}`);
      expect(status).toBe(400);
      expect(body.errors[0]!.source!.pointer).toBe(`/${query.split("=")[0]}`);
    },
  );

  test("caps or refuses pages that are too large, as it is told", async () => {
    const { api, call } = await start({ maxPerPage: 10, overMaxPerPage: "cap" });
    expect((await call("?per_page=1000")).body.result_info).toMatchObject({ count: 10, per_page: 10 });
    api.set({ overMaxPerPage: "refuse" });
    expect((await call("?per_page=1000")).status).toBe(400);
    expect((await call()).body.result_info).toMatchObject({ per_page: 10 });
  });
});

describe("one entry", () => {
  test("is given, with a cf-ray of its own each time", async () => {
    const { call, own } = await start();
    const answers = [await call(`/${own.id}`), await call(`/${own.id}`)];
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body.result).toEqual(own);
    }
    const rays = answers.map(({ headers }) => headers.get("cf-ray"));
    expect(rays[0]).toMatch(/^[0-9a-f]{16}-DEM$/);
    expect(rays[0]).not.toBe(rays[1]);
    expect(answers[0]!.headers.has("cf-auditlog-id")).toBe(false);
  });

  test("is changed in the fields given only, with a new modified_at and an audit log id", async () => {
    const { api, patch, own } = await start();
    const { status, body, headers } = await patch(own.id, { comments: "changed" });
    expect(status).toBe(200);
    expect(headers.get("cf-auditlog-id")).toMatch(/^[0-9a-f-]{36}$/);
    const after = api.registry.get(own.id)!;
    expect(body.result).toEqual(after);
    expect(after).toEqual({
      ...own,
      comments: "changed",
      modified_at: after.modified_at,
      last_modified: after.modified_at,
    });
    expect(Date.parse(after.modified_at)).toBeGreaterThan(Date.parse(own.modified_at));
  });

  test("is not changed by a body that the API would refuse", async () => {
    const { api, patch, own } = await start();
    expect(await patch(own.id, "{not json")).toMatchObject({ status: 400 });
    const { status, body } = await patch(own.id, { email: "nobody" });
    expect(status).toBe(400);
    expect(body.errors).toEqual([
      { code: 10400, message: "email must be a valid address", source: { pointer: "/email" } },
    ]);
    expect(api.registry.get(own.id)).toEqual(own);
  });

  test.each([400, 403, 409, 422])("is not changed when it is synced from a directory: %i", async (status) => {
    const refusal = { status, code: 10999, message: "This one comes from elsewhere" };
    const { api, patch, synced } = await start({ syncedRefusal: refusal });
    const answer = await patch(synced.id, { name: "New Name" });
    expect(answer.status).toBe(status);
    expect(answer.body.errors).toEqual([{ code: 10999, message: "This one comes from elsewhere" }]);
    expect(api.registry.get(synced.id)).toEqual(synced);
  });

  test("is answered 404 where there is none, and 400 where the id can't be one", async () => {
    const { patch, call } = await start();
    const unknown = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";
    expect(await call(`/${unknown}`)).toMatchObject({ status: 404, body: { success: false, result: null } });
    expect((await patch(unknown, { name: "x" })).status).toBe(404);
    expect((await call("/12444788")).status).toBe(400);
    expect((await call(`/${unknown}`, { method: "DELETE" })).status).toBe(405);
  });
});

describe("who may not come in", () => {
  test("a token that is missing or wrong", async () => {
    const { call } = await start();
    expect(await call("", { token: "another" })).toMatchObject({ status: 401, body: { errors: [{ code: 1000 }] } });
    expect(await call("", { headers: {} })).toMatchObject({ status: 400, body: { errors: [{ code: 9106 }] } });
  });

  test("another account", async () => {
    const { api, call } = await start();
    const url = `${api.baseUrl}/accounts/0123456789abcdef0123456789abcdef/email-security/settings/impersonation_registry`;
    expect(await call(url)).toMatchObject({ status: 404, body: { errors: [{ code: 7003 }] } });
    expect(await call(`${api.baseUrl}/nowhere`)).toMatchObject({ status: 404, body: { errors: [{ code: 7000 }] } });
  });

  test.each(Object.entries(REFUSALS))("everybody, while it is told so: %s", async (_name, refusal) => {
    const { api, call, own } = await start({ refuseAll: refusal });
    const { status, body } = await call(`/${own.id}`);
    expect(status).toBe(refusal.status);
    expect(body.errors).toEqual([{ code: refusal.code, message: refusal.message }]);
    api.set({ refuseAll: null });
    expect((await call(`/${own.id}`)).status).toBe(200);
  });

  test("who may only read", async () => {
    const { call, patch, own } = await start({ refuseUpdates: REFUSALS.noPermission });
    expect((await call(`/${own.id}`)).status).toBe(200);
    expect((await patch(own.id, { name: "New Name" })).status).toBe(403);
  });
});

describe("the rate limit", () => {
  const limit = { requests: 5, windowMs: 60_000, window: "fixed", blockMs: 90_000, retryAfter: true } as const;

  test("is told by every answer, and blocks whoever goes over it", async () => {
    const { call } = await start({ limit });
    const answers = [];
    for (let i = 0; i < 7; i++) answers.push(await call());
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(answers[1]!.headers.get("ratelimit")).toBe('"default";r=3;t=60');
    expect(answers[1]!.headers.get("ratelimit-policy")).toBe('"default";q=5;w=60');
    expect(answers[5]!.headers.get("retry-after")).toBe("90");
    expect(answers[5]!.body.errors[0]).toMatchObject({ code: 10100 });
  });

  test("need not say when to come back, nor what is left", async () => {
    const { api, call } = await start({ limit: { ...limit, requests: 1, retryAfter: false }, rateHeaderShare: 0 });
    await call();
    const { status, headers } = await call();
    expect(status).toBe(429);
    expect([...headers.keys()].filter((name) => /ratelimit|retry-after/.test(name))).toEqual([]);
    api.set({ limit: null });
    expect((await call()).status).toBe(200);
  });
});

async function statusesWithSeed(seed: number): Promise<number[]> {
  const { api, call } = await start({ seed, faults: { share: 0.5, kinds: ["500", "502"] } });
  for (let i = 0; i < 20; i++) await call().catch(() => {});
  return api.requests().map(({ status }) => status);
}

describe("faults", () => {
  test("scripts answer the next calls that fit, in their order", async () => {
    const { api, call, patch, own, synced } = await start();
    api.script({
      method: "PATCH",
      entryId: own.id,
      times: 2,
      answer: { status: 503, headers: { "Retry-After": "7" } },
    });
    api.script({ entryId: own.id, answer: { status: 418, code: 12345, message: "scripted" } });
    expect((await patch(synced.id, { name: "x" })).status).toBe(400);
    expect((await patch(own.id, { name: "x" })).headers.get("retry-after")).toBe("7");
    expect((await call(`/${own.id}`)).body.errors).toEqual([{ code: 12345, message: "scripted" }]);
    expect((await patch(own.id, { name: "x" })).status).toBe(503);
    expect((await patch(own.id, { name: "x" })).status).toBe(200);
  });

  test("an answer that is lost was carried out; an error of the API's own was not", async () => {
    const { api, patch, own } = await start();
    api.script({ answer: { fault: "500" } });
    expect((await patch(own.id, { comments: "one" })).status).toBe(500);
    expect(api.registry.get(own.id)!.comments).toBe(own.comments);
    api.script({ answer: { fault: "answer-lost" } });
    await expect(patch(own.id, { comments: "two" })).rejects.toThrow("fetch failed");
    expect(api.registry.get(own.id)!.comments).toBe("two");
    expect(api.requests().map(({ status }) => status)).toEqual([500, 0]);
  });

  test.each(FAULTS.filter((fault) => fault !== "500" && fault !== "hang"))(
    "%s is nothing that a client can take for an answer",
    async (fault) => {
      const { patch, own } = await start({ outage: fault });
      await expect(patch(own.id, { comments: "x" })).rejects.toThrow();
    },
  );

  test("the same seed brings the same faults", async () => {
    const first = await statusesWithSeed(4);
    expect(new Set(first)).toEqual(new Set([200, 500, 502]));
    expect(await statusesWithSeed(4)).toEqual(first);
    expect(await statusesWithSeed(5)).not.toEqual(first);
  });

  test("an outage is over when it is told so, and what hangs is cut off at the end", async () => {
    const { api, call } = await start({ outage: "hang" });
    const hanging = call();
    hanging.catch(() => {});
    await expect.poll(() => api.requests().length).toBe(1);
    api.set({ outage: null });
    expect((await call()).status).toBe(200);
    await api.close();
    await expect(hanging).rejects.toThrow("fetch failed");
  });
});

test("records every call, and the most of them in any window", async () => {
  const { api, call, patch, own } = await start({ latency: { minMs: 1, maxMs: 3 } });
  await Promise.all([call(), call(), patch(own.id, { name: "New Name" })]);
  const requests = api.requests();
  expect(requests).toHaveLength(3);
  expect(requests.filter(({ method }) => method === "PATCH")).toEqual([
    expect.objectContaining({ status: 200, body: '{"name":"New Name"}', path: expect.stringContaining(own.id) }),
  ]);
  expect(requests.map(({ at }) => at)).toEqual(requests.map(({ at }) => at).toSorted((a, b) => a - b));
  expect(api.mostInWindow(60_000)).toBe(3);
  expect(Math.abs(requests[0]!.at - Date.now())).toBeLessThan(60_000);
});
