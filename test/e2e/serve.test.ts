import { once } from "node:events";
import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { Agent, request as requestWith } from "undici";
import { writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { commentSheet } from "../runs/decided-rows.ts";
import { freePort } from "../free-port.ts";
import { until } from "../until.ts";
import { backendForTest } from "./backend-for-test.ts";
import type { Started } from "./run-cli.ts";
import { patchesOf, setUpWorld, type World } from "./world.ts";

const TOKEN = "operator-token-of-the-tests";
const TOKENS = { BULKPATCH_DASHBOARD_TOKEN: TOKEN, BULKPATCH_DASHBOARD_VIEWER_TOKEN: "viewer-token-of-the-tests" };

let world: World;
afterEach(() => world.close());

interface Dashboard {
  process: Started;
  address: string;
  /** As the operator. */
  get<T>(path: string): Promise<T>;
}

async function serve(args: string[] = [], env: Record<string, string> = {}): Promise<Dashboard> {
  const process = world.desk.start(["serve", "--port", "0", ...args], { env: { ...TOKENS, ...env } });
  const address = await until("the dashboard listens", () => {
    const { stderr } = process.output();
    if (process.child.exitCode !== null) throw new Error(stderr);
    return /The dashboard is at (\S+)\/ /.exec(stderr)?.[1];
  });
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${address}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return { process, address, get };
}

async function logIn(address: string): Promise<string> {
  const answer = await fetch(`${address}/login`, {
    method: "POST",
    body: new URLSearchParams({ token: TOKEN }),
    redirect: "manual",
    headers: { "sec-fetch-site": "same-origin" },
  });
  return answer.headers.getSetCookie()[0]!.split(";", 1)[0]!;
}

async function statusWith(address: string, cookie: string): Promise<number> {
  return (await fetch(`${address}/api/v1/status`, { headers: { cookie } })).status;
}

describe("serve", () => {
  it("holds the folder, works, and shows the same objects as the command line that is its guest", async (context) => {
    world = await setUpWorld({ rows: 6, settings: await backendForTest("embedded", context) });
    const { desk, entries } = world;
    const cli = async <T>(...args: string[]): Promise<T> => (await desk.call([...args, "--json"])).json<T>();
    type Json = Record<string, unknown>;
    const sheet = commentSheet(entries);
    await writeFile(join(desk.folder, "hr.csv"), commentSheet(entries.slice(0, 1)));
    await cli("schedule", "add", "hr", "hr.csv", "--cron", "0 3 * * *", "--tz", "UTC", "--max-changes", "1");
    const done = await cli<Json>("schedule", "run-now", "hr");
    await writeFile(join(desk.folder, "hr.csv"), sheet);
    const held = await cli<Json>("schedule", "run-now", "hr");
    expect([done, held]).toMatchObject([
      { state: "done", changes: 1, counts: { rows: 1, not_in_list: 5 }, run: expect.any(String) },
      { state: "held", reason: "max_changes", changes: 5, digest: expect.any(String), run: null },
    ]);

    const { get, address } = await serve();
    const planned = await cli<Json & { rows: Json[]; digest: string }>("plan", "changes.csv");
    const form = new FormData();
    form.append("file", new Blob([sheet]), "changes.csv");
    const uploaded = await fetch(`${address}/api/v1/plans`, {
      method: "POST",
      body: form,
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const plan = (await uploaded.json()) as Json;
    for (const part of ["digest", "source", "summary", "requests"]) expect(plan[part]).toEqual(planned[part]);
    const { rows } = await get<{ rows: Json[] }>(`/api/v1/plans/${String(plan["id"])}/rows`);
    expect(rows).toMatchObject(planned.rows);

    const started = await cli<{ id: string }>("run", "changes.csv", "--yes", "--detach");
    await until("it ends", async () => (await get<Json>(`/api/v1/runs/${started.id}`))["state"] === "finished");
    const { runs } = await cli<{ runs: Json[] }>("runs");
    expect(await get("/api/v1/runs")).toEqual({ runs, next: null });
    const {
      workers: _workers,
      budget: _budget,
      requests_per_second: _speed,
      ...status
    } = await cli<Json>("status", started.id);
    expect(await get(`/api/v1/runs/${started.id}`)).toMatchObject(status);

    await cli("schedule", "pause", "hr");
    const listed = await cli<{ schedules: Json[] }>("schedule", "list");
    expect(await get("/api/v1/schedules")).toMatchObject(listed);
    expect(listed.schedules).toMatchObject([{ name: "hr", state: "paused", host: hostname() }]);
    const shown = await cli<Json>("schedule", "show", "hr");
    expect(shown["occasions"]).toEqual([held, done]);
    expect(await get("/api/v1/schedules/hr")).toMatchObject(shown);
    const { occasions } = await cli<{ occasions: Json[] }>("schedule", "occasions", "hr");
    expect(occasions).toEqual([held, done]);
    expect(await get("/api/v1/schedules/hr/occasions")).toEqual({ occasions, next: null });
  });

  it("that is killed in the middle of a run goes on with it when it is started again", async (context) => {
    world = await setUpWorld({
      rows: 120,
      api: { latency: { minMs: 30, maxMs: 60 } },
      settings: await backendForTest("embedded", context),
    });
    const { desk, api } = world;
    const first = await serve();
    const { id } = (await desk.call(["run", "changes.csv", "--yes", "--detach", "--json"])).json<{ id: string }>();
    await until("some rows are sent", () => patchesOf(api).length >= 20);
    first.process.child.kill("SIGKILL");
    await first.process.ended;
    const again = await serve();
    const run = await until("the run ends", async () => {
      const found = await again.get<{ state: string; outcomes: { updated: number } }>(`/api/v1/runs/${id}`);
      return found.state === "finished" && found;
    });
    expect(run.outcomes.updated).toBe(120);
    expect(world.differences()).toEqual([]);
  });

  it("knows a session wherever it was opened, and no longer than its token", async (context) => {
    world = await setUpWorld({ rows: 3, settings: await backendForTest("redis", context) });
    const [one, other] = [await serve(["--no-work"]), await serve(["--no-work"])];
    const cookie = await logIn(one.address);
    expect(await statusWith(other.address, cookie)).toBe(200);
    const changed = await serve(["--no-work"], { BULKPATCH_DASHBOARD_TOKEN: "another-token-of-the-tests" });
    expect(await statusWith(changed.address, cookie)).toBe(401);
    await fetch(`${other.address}/logout`, {
      method: "POST",
      redirect: "manual",
      headers: { cookie, "sec-fetch-site": "same-origin" },
    });
    expect(await statusWith(one.address, cookie)).toBe(401);

    const { id } = (await world.desk.call(["run", "changes.csv", "--yes", "--detach", "--json"])).json<{
      id: string;
    }>();
    const paused = await fetch(`${one.address}/api/v1/runs/${id}/pause`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(paused.status).toBe(200);
    expect(await other.get(`/api/v1/runs/${id}`)).toMatchObject({ state: "paused" });
  });

  it("behind a proxy with TLS is reached under its origin alone, and says who asks", async (context) => {
    world = await setUpWorld({ rows: 3, settings: await backendForTest("redis", context) });
    const { private: key, cert } = await generate([{ name: "commonName", value: "bulk.corp.example" }]);
    const to = await freePort();
    const proxy = createServer({ key, cert }, (asked, answered) => {
      const headers = { ...asked.headers, "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https" };
      const passed = request({ port: to, method: asked.method, path: asked.url, headers }, (came) => {
        answered.writeHead(came.statusCode!, came.headers);
        came.pipe(answered);
      });
      asked.pipe(passed);
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    onTestFinished(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    const { port } = proxy.address() as AddressInfo;
    const origin = `https://bulk.corp.example:${port}`;
    const process = world.desk.start(["serve", "--port", String(to), "--no-work"], {
      env: {
        ...TOKENS,
        BULKPATCH_DASHBOARD_ORIGIN: origin,
        BULKPATCH_DASHBOARD_PROXIES: "127.0.0.1",
        BULKPATCH_LOG_LEVEL: "debug",
      },
    });
    await until("it is there", () => process.output().stderr.includes(`The dashboard is at ${origin}/`));

    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    onTestFinished(() => dispatcher.close());
    const ask = async (method: "GET" | "POST", path: string, headers: Record<string, string>, body?: string) => {
      const sent = body === undefined ? headers : { ...headers, "content-type": "application/x-www-form-urlencoded" };
      return await requestWith(`https://127.0.0.1:${port}${path}`, {
        dispatcher,
        method,
        headers: sent,
        body: body ?? null,
      });
    };
    const host = `bulk.corp.example:${port}`;
    const form = `token=${TOKEN}`;
    const answer = await ask("POST", "/login", { host, origin }, form);
    expect(answer.statusCode).toBe(303);
    const cookie = String(answer.headers["set-cookie"]);
    expect(cookie).toMatch(/^__Host-bulkpatch=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const session = { cookie: cookie.split(";", 1)[0]! };
    expect((await ask("GET", "/api/v1/status", { host, ...session })).statusCode).toBe(200);
    expect((await ask("GET", "/api/v1/status", { host: "other.example", ...session })).statusCode).toBe(403);
    expect((await ask("POST", "/login", { host, origin: "https://other.example" }, form)).statusCode).toBe(403);
    const { id } = (await world.desk.call(["run", "changes.csv", "--yes", "--detach", "--json"])).json<{
      id: string;
    }>();
    expect((await ask("POST", `/runs/${id}/pause`, { host, origin, ...session }, "")).statusCode).toBe(303);
    const seen = await ask("GET", `/api/v1/runs/${id}`, { host, ...session });
    const { events } = (await seen.body.json()) as { events: { what: string; by: string }[] };
    expect(events.find(({ what }) => what === "pausing")!.by).toBe("operator@203.0.113.9");
  });
});
