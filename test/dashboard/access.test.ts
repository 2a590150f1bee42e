import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { buildServer } from "../../src/dashboard/server.ts";
import { KeptPlans } from "../../src/dashboard/plans/kept-plans.ts";
import { Door } from "../../src/dashboard/access/door.ts";
import { cookieOf, OPERATOR, setUpDashboard, VIEWER, useDashboards } from "./dashboard-world.ts";

const dashboards = useDashboards();

/** With a `Host` header of one's own choice, which fetch does not let one send. */
async function askAs(host: string, method: string, path: string): Promise<number> {
  const { hostname, port } = new URL(dashboards.world.serving.listening);
  return await new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, method, path, headers: { host, authorization: `Bearer ${OPERATOR}` } },
      (answer) => {
        answer.resume().on("end", () => resolve(answer.statusCode!));
      },
    );
    sent.on("error", reject).end();
  });
}

describe.each(["embedded", "redis"] as const)("who is let in, on %s", (kind) => {
  it("without a token the API says what is needed, and a page sends one to the login", async (context) => {
    const { serving } = await dashboards.setUp(context, {}, kind);
    const api = await fetch(`${serving.address}/api/v1/runs`);
    expect(api.status).toBe(401);
    expect(api.headers.get("www-authenticate")).toBe("Bearer");
    expect(api.headers.get("content-type")).toContain("application/problem+json");
    expect(await api.json()).toMatchObject({ status: 401, code: "login_required", remedy: expect.any(String) });
    const page = await fetch(`${serving.address}/runs?state=halted`, { redirect: "manual" });
    expect(page.status).toBe(303);
    expect(page.headers.get("location")).toBe("/login?next=%2Fruns%3Fstate%3Dhalted");
  });

  it("a wrong token opens nothing, the right one opens a session that logout ends everywhere", async (context) => {
    const { serving, submit, logIn, ask } = await dashboards.setUp(context, {}, kind);
    expect((await ask("/api/v1/runs", { headers: { authorization: "Bearer something-else" } })).status).toBe(401);
    const wrong = await submit("/login", { token: "something-else", next: "/runs" });
    expect(wrong.headers.get("location")).toBe("/login?wrong=1&next=%2Fruns");
    expect(cookieOf(wrong)).toBe("");

    const right = await submit("/login", { token: OPERATOR, next: "/runs" });
    expect([right.status, right.headers.get("location")]).toEqual([303, "/runs"]);
    expect(right.headers.getSetCookie()[0]).toMatch(/; HttpOnly; SameSite=Strict$/);
    const cookie = await logIn(OPERATOR);
    const withCookie = async (path: string): Promise<number> =>
      (await fetch(`${serving.address}${path}`, { redirect: "manual", headers: { cookie } })).status;
    expect(await withCookie("/runs")).toBe(200);
    await submit("/logout", {}, { cookie });
    expect(await withCookie("/runs")).toBe(303);

    const second = await setUpDashboard({ backend: dashboards.world.backend });
    expect((await fetch(`${second.serving.address}/api/v1/runs`, { headers: { cookie } })).status).toBe(401);
    await second.close();
  });

  it("a session ends with its time and with its token", async (context) => {
    let now = Date.parse("2026-11-24T12:00:00Z");
    const { serving, logIn } = await dashboards.setUp(context, { now: () => now }, kind);
    const cookie = await logIn(OPERATOR);
    const askWith = async (address: string): Promise<number> =>
      (await fetch(`${address}/api/v1/runs`, { headers: { cookie } })).status;
    const changed = await setUpDashboard({
      backend: dashboards.world.backend,
      now: () => now,
      settings: { token: null },
    });
    expect(await askWith(serving.address)).toBe(200);
    expect(await askWith(changed.serving.address)).toBe(401);
    await changed.close();
    now += 12 * 3_600_000;
    expect(await askWith(serving.address)).toBe(401);
  });
});

describe("what is refused", () => {
  it("any host that is not the server's own, for every method", async (context) => {
    await dashboards.setUp(context);
    const port = new URL(dashboards.world.serving.listening).port;
    for (const method of ["GET", "HEAD", "POST", "OPTIONS", "DELETE"]) {
      expect(await askAs(`attacker.example:${port}`, method, "/api/v1/runs")).toBe(403);
      expect(await askAs("localhost.attacker.example", method, "/healthz")).toBe(403);
    }
    for (const host of [`127.0.0.1:${port}`, "[::1]:80", "localhost", `bulk.localhost:${port}`])
      expect(await askAs(host, "GET", "/api/v1/runs")).toBe(200);
    expect(await askAs("evil@localhost", "GET", "/api/v1/runs")).toBe(403);
  });

  it("a form that another site sends, whatever cookie it comes with", async (context) => {
    const { submit, logIn, serving } = await dashboards.setUp(context);
    const cookie = await logIn(OPERATOR);
    for (const site of ["cross-site", "same-site", "none"])
      expect((await submit("/logout", {}, { cookie, "sec-fetch-site": site })).status).toBe(403);
    const plain = async (headers: Record<string, string>): Promise<number> =>
      (
        await fetch(`${serving.address}/logout`, {
          method: "POST",
          redirect: "manual",
          headers: { cookie, ...headers },
        })
      ).status;
    expect(await plain({})).toBe(403);
    expect(await plain({ origin: "http://attacker.example" })).toBe(403);
    expect(await plain({ origin: "null" })).toBe(403);
    expect(await plain({ origin: serving.address })).toBe(303);
  });

  it("the 31st login of an address", async (context) => {
    const { submit } = await dashboards.setUp(context);
    for (let i = 0; i < 30; i += 1) expect((await submit("/login", { token: "guess" })).status).toBe(303);
    const refused = await submit("/login", { token: OPERATOR });
    expect(refused.status).toBe(429);
    expect(await refused.text()).toContain("too many tries from this address");
  });

  it("to be sent to another site after the login", async (context) => {
    const { submit } = await dashboards.setUp(context);
    for (const next of ["//attacker.example", "https://attacker.example", "/\\attacker.example", "/\tx"])
      expect((await submit("/login", { token: OPERATOR, next })).headers.get("location")).toBe("/");
  });

  it("what lies outside of the assets", async (context) => {
    await dashboards.setUp(context);
    for (const path of ["/assets/../package.json", "/assets/..%2f..%2fpackage.json", "/assets/%2e%2e/server.ts"])
      expect(await askAs("localhost", "GET", path)).toBe(404);
  });

  it("a server with a route that does not say which right it asks for", async (context) => {
    const { backend } = await dashboards.setUp(context);
    const tokens = { operator: null, viewer: null };
    const door = new Door({ tokens, leases: backend.leases, secure: false, now: Date.now });
    const log = { answered: () => undefined, failed: () => undefined };
    const app = await buildServer({
      desk: { backend, door, log, plans: new KeptPlans(Date.now) } as never,
      origin: null,
      proxies: [],
    });
    expect(() => app.get("/open", async () => "x")).toThrow("the route GET /open does not say which right it asks for");
    await app.close();
  });

  it("to listen for others without a token", async (context) => {
    await dashboards.setUp(context);
    const { backend } = dashboards.world;
    const open = setUpDashboard({ backend, settings: { token: null, host: "0.0.0.0" } });
    await expect(open).rejects.toMatchObject({ code: "token_required" });
  });
});

describe("what is sent with every answer", () => {
  it("a policy without inline scripts and styles, and no caching", async (context) => {
    const { ask } = await dashboards.setUp(context);
    const { headers } = await ask("/runs");
    expect(headers.get("content-security-policy")).toMatchInlineSnapshot(
      `"default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'"`,
    );
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("strict-transport-security")).toBeNull();
  });

  it("behind https the cookie is sent nowhere else", async (context) => {
    const { submit } = await dashboards.setUp(context, { settings: { origin: "https://bulk.corp.example" } });
    const answer = await submit("/login", { token: VIEWER }, { "x-forwarded-proto": "http" });
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^__Host-bulkpatch=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(await askAs("bulk.corp.example", "GET", "/api/v1/runs")).toBe(200);
    expect(answer.headers.get("strict-transport-security")).toBe("max-age=31536000");
  });

  it("nothing that somebody looked for, and no token, is in the access log", async (context) => {
    const { ask, answered, submit, serving } = await dashboards.setUp(context);
    await ask("/api/v1/runs?name=jane@corp.example");
    await ask("/no/such/jane@corp.example");
    await submit("/login", { token: OPERATOR });
    await fetch(`${serving.address}/login?code=${OPERATOR}`);
    const text = JSON.stringify(answered);
    expect(text).not.toMatch(/jane|operator-token/);
    expect(answered.map(({ method, route, status, by }) => [method, route, status, by])).toEqual([
      ["GET", "/api/v1/runs", 200, "operator@127.0.0.1"],
      ["GET", "(none)", 404, "operator@127.0.0.1"],
      ["POST", "/login", 303, "127.0.0.1"],
      ["GET", "/login", 200, "127.0.0.1"],
    ]);
  });

  it("the address that serve prints logs in once", async (context) => {
    await dashboards.setUp(context, { settings: { token: null } });
    const { loginAddress } = dashboards.world.serving.made!;
    const first = await fetch(loginAddress, { redirect: "manual" });
    expect([first.status, first.headers.get("location")]).toEqual([303, "/"]);
    const cookie = cookieOf(first);
    expect((await fetch(`${dashboards.world.serving.address}/runs`, { headers: { cookie } })).status).toBe(200);
    const second = await fetch(loginAddress, { redirect: "manual" });
    expect(second.status).toBe(200);
    expect(cookieOf(second)).toBe("");
  });

  it("behind a proxy that is named, the address of who asks it", async (context) => {
    const headers = { "x-forwarded-for": "203.0.113.9" };
    const { ask, answered } = await dashboards.setUp(context);
    await ask("/api/v1/runs", { headers });
    expect(answered.at(-1)!.by).toBe("operator@127.0.0.1");
    await dashboards.world.close();
    const behind = await dashboards.setUp(context, { settings: { proxies: ["127.0.0.1"] } });
    await behind.ask("/api/v1/runs", { headers });
    expect(behind.answered.at(-1)!.by).toBe("operator@203.0.113.9");
  });
});
