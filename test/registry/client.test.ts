import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { FAULTS, type Fault } from "../../src/demo/faults.ts";
import { REFUSALS } from "../../src/demo/settings.ts";
import { HaltError, RefusedError, TransientError } from "../../src/registry/errors.ts";
import { VERSION } from "../../src/version.ts";
import { budgetOf } from "../budget/budget-of.ts";
import { closeAfterTest, openRegistry } from "./open-registry.ts";

const UNKNOWN_ID = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable("it succeeded"),
    (error: unknown) => error,
  );

describe("an entry", () => {
  test("is given as it is, new fields included", async () => {
    const { client, api, ownId } = await openRegistry();
    const kept = { ...api.registry.get(ownId)!, favourite_colour: "green" };
    api.registry.set(ownId, kept);
    const { entry, status, attempts, rayId, auditLogId } = await client.get(ownId);
    expect(entry).toEqual(kept);
    expect({ status, attempts, auditLogId }).toEqual({ status: 200, attempts: 1, auditLogId: null });
    expect(rayId).toMatch(/-DEM$/);
  });

  test("is read the same where fields are missing or null", async () => {
    const { client, api } = await openRegistry();
    api.script({
      answer: {
        status: 200,
        body: JSON.stringify({ success: true, result: { id: UNKNOWN_ID, name: null, provenance: null } }),
      },
    });
    expect((await client.get(UNKNOWN_ID)).entry).toEqual({
      id: UNKNOWN_ID,
      name: "",
      email: "",
      is_email_regex: false,
      comments: null,
      provenance: "A1S_INTERNAL",
      directory_id: null,
      directory_node_id: null,
      external_directory_node_id: null,
    });
  });

  test("is changed in the fields given only, and the answer shows it", async () => {
    const { client, api, ownId } = await openRegistry();
    const before = api.registry.get(ownId)!;
    const name = before.name;
    const { entry, attempts, auditLogId } = await client.update(ownId, { comments: null, directory_id: 5 });
    expect(entry).toMatchObject({ id: ownId, name, comments: null, directory_id: 5 });
    expect(attempts).toBe(1);
    expect(auditLogId).toMatch(/^[0-9a-f-]{36}$/);
    expect(api.requests()[0]).toMatchObject({ method: "PATCH", body: '{"comments":null,"directory_id":5}' });
  });

  test("is asked for with the token, a version and no more", async () => {
    const seen: Record<string, unknown>[] = [];
    const baseUrl = await serve((request, response) => {
      seen.push(request.headers);
      response.end(JSON.stringify({ success: true, result: { id: UNKNOWN_ID } }));
    });
    const { client, api } = await openRegistry({}, { baseUrl });
    await client.get(UNKNOWN_ID);
    expect(seen[0]).toEqual({
      accept: "application/json",
      authorization: `Bearer ${api.token}`,
      connection: "keep-alive",
      host: new URL(baseUrl).host,
      "user-agent": `bulkpatch/${VERSION}`,
    });
  });
});

describe("a refusal", () => {
  test.each([400, 403, 409, 422])("of a synced entry with %i concerns this call only", async (status) => {
    const { client, syncedId, told } = await openRegistry({
      syncedRefusal: { status, code: 10321, message: "Not from here" },
    });
    const error = (await failure(client.update(syncedId, { name: "x" }))) as RefusedError;
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ status, apiCode: 10321, apiMessage: "Not from here", notFound: false, attempts: 1 });
    expect(error.message).toBe(
      `updating entry ${syncedId}: Cloudflare refused it (status ${status}, code 10321): Not from here`,
    );
    expect(error.rayId).toMatch(/-DEM$/);
    expect(told).toHaveLength(1);
  });

  test("of an unknown entry can be told from others", async () => {
    const { client } = await openRegistry();
    const error = (await failure(client.get(UNKNOWN_ID))) as RefusedError;
    expect(error).toMatchObject({ notFound: true, code: "not_found", status: 404 });
    expect(error.message).toBe(
      `reading entry ${UNKNOWN_ID}: Cloudflare refused it (status 404, code 10404): impersonation registry entry not found`,
    );
  });

  test("of an unknown entry whose code is a word halts nothing", async () => {
    const { client, ownId } = await openRegistry({ outage: "404-word" });
    expect(await failure(client.update(ownId, { name: "x" }))).toMatchObject({
      name: "RefusedError",
      notFound: true,
      apiCode: null,
      apiMessage: "impersonation registry entry not found",
    });
  });

  test("without a word is a refusal all the same", async () => {
    const { client, api, ownId } = await openRegistry();
    api.script({ answer: { status: 409, body: "" } });
    const error = (await failure(client.update(ownId, { name: "x" }))) as RefusedError;
    expect(error.apiMessage).toBe("refused with status 409, without a reason");
  });

  test("that is made to upset a terminal or to fill it is one short line", async () => {
    const { client, api, ownId } = await openRegistry();
    api.script({
      answer: { status: 400, code: 10400, message: `\u001B[31mred\u0007\r\n\u202Eright ${"x".repeat(9999)}` },
    });
    const error = (await failure(client.update(ownId, { name: "x" }))) as RefusedError;
    expect(error.apiMessage).toMatch(/^\[31mred right x+…$/);
    expect(error.apiMessage.length).toBeLessThanOrEqual(501);
  });
});

describe("what can't get better stops everything", () => {
  test.each([
    [REFUSALS.invalidToken, "token_refused"],
    [REFUSALS.expiredToken, "token_refused"],
    [REFUSALS.noPermission, "permission_missing"],
    [REFUSALS.notEntitled, "not_entitled"],
  ])("%j", async (refuseAll, code) => {
    const { client, ownId, told } = await openRegistry({ refuseAll });
    const error = (await failure(client.update(ownId, { name: "x" }))) as HaltError;
    expect(error).toBeInstanceOf(HaltError);
    expect(error).toMatchObject({ code, status: refuseAll.status, apiCode: refuseAll.code, attempts: 1 });
    expect(error.message).toContain(`(status ${refuseAll.status}, code ${refuseAll.code}: ${refuseAll.message})`);
    expect(error.remedy).toMatch(/then try again$/);
    expect(told).toHaveLength(1);
  });

  test("a wrong account", async () => {
    const { client } = await openRegistry({}, { accountId: "0123456789abcdef0123456789abcdef" });
    const error = (await failure(client.get(UNKNOWN_ID))) as HaltError;
    expect(error).toBeInstanceOf(HaltError);
    expect(error.remedy).toContain("CLOUDFLARE_ACCOUNT_ID");
  });

  test("an address that is not the API's", async () => {
    const baseUrl = await serve((_request, response) =>
      response.writeHead(404, { "content-type": "text/html" }).end("<h1>404</h1>"),
    );
    const { client } = await openRegistry({}, { baseUrl });
    const error = (await failure(client.get(UNKNOWN_ID))) as HaltError;
    expect(error).toMatchObject({
      code: "not_the_api",
      message: "there is no impersonation registry at this address (status 404)",
    });
  });
});

describe("an answer of success", () => {
  test.each(["201", "gzip", "br", "deflate"] as const)("%s is read for what it says", async (outage) => {
    const { client, api, ownId } = await openRegistry({ outage });
    const { entry, status, attempts } = await client.update(ownId, { comments: "ü ✓" });
    expect({ comments: entry?.comments, attempts }).toEqual({ comments: "ü ✓", attempts: 1 });
    expect(status).toBe(outage === "201" ? 201 : 200);
    expect((await client.get(ownId)).entry.comments).toBe("ü ✓");
    expect(await Array.fromAsync(client.list())).toHaveLength(api.registry.size);
  });

  test.each([
    ["no body", { status: 204, body: "" }],
    ["result null", { status: 200, body: '{"success":true,"result":null}' }],
    ["another entry", { status: 200, body: `{"success":true,"result":{"id":"${UNKNOWN_ID}"}}` }],
  ])("that accepts a change with %s says that it is accepted, and no more", async (_name, answer) => {
    const { client, api, ownId } = await openRegistry();
    api.script({ answer });
    const accepted = await client.update(ownId, { comments: "x" });
    expect(accepted).toMatchObject({ entry: null, status: answer.status, attempts: 1 });
  });

  test("names the fields that it leaves out or gives in another type", async () => {
    const { client, api, ownId } = await openRegistry();
    const shown = { id: ownId, email: "a@example.com", name: null, is_email_regex: "yes", provenance: "A1S_INTERNAL" };
    api.script({ answer: { status: 200, body: JSON.stringify({ success: true, result: shown }) } });
    const { entry, unshown } = await client.get(ownId);
    expect(unshown).toEqual([
      "comments",
      "is_email_regex",
      "directory_id",
      "directory_node_id",
      "external_directory_node_id",
    ]);
    expect(entry.odd).toEqual([{ field: "is_email_regex", found: "yes" }]);
  });

  test("in a broken or unknown encoding is none", async () => {
    const { client, api } = await openRegistry({}, { retries: { retries: 0 } });
    const answer = { status: 200, body: "{}" };
    api.script({ answer: { ...answer, headers: { "content-encoding": "gzip" } } });
    api.script({ answer: { ...answer, headers: { "content-encoding": "compress" } } });
    for (const words of ["is not the gzip that it is said to be", "is in an encoding that was not asked for"])
      expect(await failure(client.get(UNKNOWN_ID))).toMatchObject({
        message: `reading entry ${UNKNOWN_ID}: the body ${words} (BODY_ENCODING)`,
      });
  });

  test("that unfolds without measure is cut off", async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, " "));
    const baseUrl = await serve((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    });
    const { client } = await openRegistry({}, { baseUrl, retries: { retries: 0 } });
    expect(await failure(client.get(UNKNOWN_ID))).toMatchObject({
      message: `reading entry ${UNKNOWN_ID}: the body is larger than 16 MB (BODY_TOO_LARGE)`,
    });
  });
});

describe("what passes in seconds", () => {
  const faults = FAULTS.filter((fault) => fault !== "hang");

  test.each(faults)("%s is tried again, and a PATCH that was applied is not lost", async (fault) => {
    const { client, api, ownId, told } = await openRegistry();
    api.script({ times: 2, answer: { fault } });
    const { entry, attempts } = await client.update(ownId, { comments: "in the end" });
    expect(entry?.comments).toBe("in the end");
    expect(attempts).toBe(3);
    expect(told.map(({ retry }) => retry)).toEqual([false, true, true]);
    expect(api.requests()).toHaveLength(3);
  });

  test.each<[Fault, number | null, RegExp]>([
    ["500", 500, /: status 500, code 10500, Internal server error, after 3 requests$/],
    ["502", 502, /: status 502, a web page instead of JSON, after 3 requests$/],
    ["503", 503, /: status 503, an answer that is not JSON, after 3 requests$/],
    ["html", 200, /: status 200, a web page instead of JSON, after 3 requests$/],
    ["broken-json", 200, /: status 200, an answer that is not JSON, after 3 requests$/],
    ["reset", null, /: the connection was cut \((ECONNRESET|UND_ERR_SOCKET)\), after 3 requests$/],
    ["cut-off", null, /: (the answer broke off|the connection was cut) \(\w+\), after 3 requests$/],
  ])("%s ends as transient once the tries are used up", async (outage, status, message) => {
    const { client, ownId } = await openRegistry({ outage }, { retries: { retries: 2 } });
    const error = (await failure(client.update(ownId, { name: "x" }))) as TransientError;
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ status, attempts: 3 });
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(`updating entry ${ownId}: `)).toBe(true);
  });

  test("no answer in time", async () => {
    const { client, api, ownId } = await openRegistry(
      { outage: "hang" },
      { retries: { retries: 1 }, timeouts: { headersMs: 50 } },
    );
    const error = (await failure(client.get(ownId))) as TransientError;
    expect(error.message).toBe(`reading entry ${ownId}: no answer in time (UND_ERR_HEADERS_TIMEOUT), after 2 requests`);
    expect(api.requests()).toHaveLength(2);
  });

  test("a body that stops half-way, or never ends", async () => {
    const baseUrl = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).write('{"success":');
      const trickle = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(trickle));
    });
    const timeouts = { bodyMs: 5000, wholeBodyMs: 100 };
    const { client } = await openRegistry({}, { baseUrl, timeouts, retries: { retries: 0 } });
    const error = (await failure(client.get(UNKNOWN_ID))) as TransientError;
    expect(error.message).toBe(`reading entry ${UNKNOWN_ID}: the body did not end within 0.1 s (BODY_TOO_SLOW)`);
  });

  test.each([true, false])("a body without measure (length said: %s)", async (said) => {
    const size = 20 * 1024 * 1024;
    const baseUrl = await serve((_request, response) => {
      if (said) response.setHeader("content-length", size);
      response.end(Buffer.alloc(size, " "));
    });
    const { client } = await openRegistry({}, { baseUrl, retries: { retries: 0 } });
    const error = (await failure(client.get(UNKNOWN_ID))) as TransientError;
    expect(error.message).toContain("the body is larger than 16 MB (BODY_TOO_LARGE)");
  });

  test.each([
    ["nothing in it", {}],
    ["no result", { success: true, errors: [], messages: [] }],
    ["result null", { success: true, result: null }],
    ["an entry without an id", { success: true, result: { name: "x" } }],
    ["another entry", { success: true, result: { id: "00000000-0000-4000-8000-000000000000" } }],
    ["success false", { success: false, errors: [], result: { id: UNKNOWN_ID } }],
    ["a list", [1, 2]],
  ])("a 200 with %s is not taken for an answer", async (_name, body) => {
    const { client, api } = await openRegistry();
    api.script({ times: 4, answer: { status: 200, body: JSON.stringify(body) } });
    const error = (await failure(client.get(UNKNOWN_ID))) as TransientError;
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toMatch(
      /status 200, an (answer|error) without (what was asked for|a message), after 4 requests$/,
    );
  });

  test("waits as long as an error asks for, where that is short", async () => {
    const { client, api, ownId, told } = await openRegistry();
    api.script({ answer: { status: 503, headers: { "retry-after": "1" } } });
    await client.get(ownId);
    const [first, second] = api.requests();
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(990);
    expect(told).toHaveLength(2);
  });

  test("does not wait where an error asks for minutes: that is for the queue", async () => {
    const { client, api, ownId } = await openRegistry();
    api.script({ answer: { status: 503, headers: { "retry-after": "120" } } });
    expect(await failure(client.get(ownId))).toMatchObject({ retryAfterMs: 120_000, attempts: 1 });
  });

  test("nobody there", async () => {
    const { client } = await openRegistry({}, { baseUrl: "http://127.0.0.1:1", retries: { retries: 0 } });
    expect(await failure(client.get(UNKNOWN_ID))).toMatchObject({
      message: `reading entry ${UNKNOWN_ID}: nothing answers at 127.0.0.1:1 (ECONNREFUSED)`,
      remedy: expect.stringContaining("check CLOUDFLARE_BASE_URL"),
      status: null,
    });
  });
});

describe("being throttled", () => {
  const limit = { requests: 3, windowMs: 1000, window: "fixed", blockMs: 1000, retryAfter: true } as const;

  test("never makes a call fail: it waits until retry-after is over, and goes on", async () => {
    const { client, api, ownId, told } = await openRegistry({ limit });
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.get(ownId)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const refused = api.requests().filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(told.filter(({ status }) => status === 429)).toHaveLength(refused.length);
    const afterwards = api.requests().find(({ at, status }) => status === 200 && at > refused[0]!.at)!;
    expect(afterwards.at - refused[0]!.at).toBeGreaterThanOrEqual(1000);
  });

  test("without retry-after waits for a whole window", async () => {
    const { client, api, ownId } = await openRegistry({}, { budget: budgetOf("1000/1s") });
    api.script({ answer: { status: 429 } });
    await client.get(ownId);
    const [first, second] = api.requests();
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(1000);
  });

  test("can go on for longer than there are tries", async () => {
    const { client, api, ownId } = await openRegistry({}, { retries: { retries: 1 }, budget: budgetOf("1000/100ms") });
    api.script({ times: 6, answer: { status: 429, headers: { "retry-after": "0" } } });
    expect(await client.get(ownId)).toMatchObject({ status: 200, attempts: 7 });
  });
});

describe("stopping", () => {
  test("rejects with the signal's reason, before a request is sent", async () => {
    const { client, api, ownId } = await openRegistry();
    await expect(client.get(ownId, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
    expect(api.requests()).toHaveLength(0);
  });

  test("ends the wait for a permit at once", async () => {
    const { client, ownId } = await openRegistry({}, { budget: budgetOf("1/1h") });
    await client.get(ownId);
    const stop = new AbortController();
    const waiting = failure(client.get(ownId, { signal: stop.signal }));
    stop.abort(new Error("enough"));
    expect(await waiting).toMatchObject({ message: "enough" });
  });

  test("ends the pause between two tries", async () => {
    const { client, api, ownId } = await openRegistry({ outage: "503" }, { retries: { minDelayMs: 60_000 } });
    const stop = new AbortController();
    const waiting = failure(client.get(ownId, { signal: stop.signal }));
    await expect.poll(() => api.requests().length).toBe(1);
    stop.abort(new Error("enough"));
    expect(await waiting).toMatchObject({ message: "enough" });
  });

  test("cuts off a GET, and hears out a PATCH that was sent", async () => {
    const { client, api, ownId } = await openRegistry({ latency: { minMs: 300, maxMs: 300 } });
    const stop = new AbortController();
    const reading = failure(client.get(ownId, { signal: stop.signal }));
    const updating = client.update(ownId, { comments: "heard out" }, { signal: stop.signal });
    await expect.poll(() => api.requests().length).toBe(2);
    stop.abort(new Error("enough"));
    expect(await reading).toMatchObject({ message: "enough" });
    expect((await updating).entry?.comments).toBe("heard out");
  });
});

test("every request takes a permit first, retries and pages included", async () => {
  const inner = budgetOf("unlimited");
  let permits = 0;
  const budget = { ...inner, take: (signal?: AbortSignal) => (permits++, inner.take(signal)) };
  const { client, api, ownId } = await openRegistry({ maxPerPage: 15, overMaxPerPage: "refuse" }, { budget });
  api.script({ method: "PATCH", times: 2, answer: { fault: "reset" } });
  await client.update(ownId, { name: "x" });
  await Array.fromAsync(client.list()).catch(() => {});
  await failure(client.get(UNKNOWN_ID));
  expect(permits).toBe(api.requests().length);
  expect(permits).toBeGreaterThan(5);
});

describe("the token", () => {
  const answers: [string, RequestListener][] = [
    ["a refusal that repeats it", echo(400)],
    ["a halt that repeats it", echo(401)],
    ["an error that repeats it", echo(500)],
    ["a cut connection", (request) => request.socket.destroy()],
    ["nonsense instead of HTTP", (request) => request.socket.end(`${request.headers.authorization}\r\n\r\n`)],
  ];

  test.each(answers)("is in no error: %s", async (_name, listener) => {
    const baseUrl = await serve(listener);
    const { client, api, told } = await openRegistry({}, { baseUrl, retries: { retries: 0 } });
    for (const call of [
      client.get(UNKNOWN_ID),
      client.update(UNKNOWN_ID, { name: "x" }),
      Array.fromAsync(client.list()),
    ]) {
      const error = await failure(call);
      const texts = [
        inspect(error, { depth: 9, showHidden: true }),
        JSON.stringify(error),
        String((error as Error).stack),
      ];
      for (const text of texts) expect(text).not.toContain(api.token);
      expect((error as Error).cause).toBeUndefined();
    }
    expect(told.length).toBeGreaterThan(0);
  });

  test("is in no error when it can't even be a header", async () => {
    const token = "line one\nline two, both secret";
    const { client } = await openRegistry({}, { token, retries: { retries: 0 } });
    expect(inspect(await failure(client.get(UNKNOWN_ID)))).not.toContain("secret");
  });
});

/** A server that says what it was sent. */
function echo(status: number): RequestListener {
  return (request, response) => {
    const message = `you sent ${request.headers.authorization}`;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ success: false, errors: [{ code: 10400, message }], messages: [], result: null }));
  };
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeAfterTest({
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
