import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { DemoApi, DemoApiOptions } from "./demo-api.ts";
import { answerControl } from "./control.ts";
import { deliver, deliverFault } from "./delivery.ts";
import { createScripts, isCarriedOut } from "./faults.ts";
import { seededRandom } from "./random.ts";
import { createRegistryRoutes, refuse, type Answer, type Call } from "./registry-routes.ts";
import { createRequestLimit, renderRateHeaders, type RequestLimit } from "./request-limit.ts";
import { mostInWindow, type RecordedRequest } from "./request-record.ts";
import { DEFAULT_SETTINGS, type DemoApiSettings } from "./settings.ts";

/** Starts the stand-in. It has no state but its memory; the caller closes it. */
export async function startDemoApi(options: DemoApiOptions = {}): Promise<DemoApi> {
  const { entries = [], seed = 1, port = 0, control = false, ...initial } = options;
  const registry = new Map([...entries].map((entry) => [entry.id, { ...entry }]));
  const random = seededRandom(seed);
  const scripts = createScripts();
  const requests: RecordedRequest[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let settings: DemoApiSettings = DEFAULT_SETTINGS;
  let limit: RequestLimit | null = null;
  let rays = 0;
  const routes = createRegistryRoutes(registry, () => settings);
  set(initial);

  function set(changed: Partial<DemoApiSettings>): void {
    settings = { ...settings, ...withoutUndefined(changed) };
    if ("limit" in changed) limit = settings.limit === null ? null : createRequestLimit(settings.limit, epochMs());
    if ("limit" in changed || "strangerPerSecond" in changed) limit?.setStranger(settings.strangerPerSecond, epochMs());
  }

  function later(task: () => void): void {
    const { minMs, maxMs } = settings.latency;
    const delayMs = (minMs + random.next() * (maxMs - minMs)) / 2;
    if (delayMs <= 0) return task();
    const timer = setTimeout(() => {
      timers.delete(timer);
      task();
    }, delayMs);
    timers.add(timer);
  }

  function arrive(call: Call, path: string, response: ServerResponse): void {
    const request: RecordedRequest = { at: epochMs(), method: call.method, path, body: call.body, status: 0 };
    requests.push(request);
    const headers: Record<string, string> = { "cf-ray": `${(++rays).toString(16).padStart(16, "0")}-DEM` };
    const blocked = meetLimit(request.at, headers);
    const send = blocked === null ? decide(call, headers) : (to: ServerResponse) => deliver(to, blocked, headers);
    later(() => {
      if (response.socket?.destroyed === false) request.status = send(response);
    });
  }

  /** The answer to a call that is over the limit; null: go on. */
  function meetLimit(now: number, headers: Record<string, string>): Answer | null {
    if (limit === null || settings.limit === null) return null;
    const verdict = limit.arrive(now);
    const { requests: quota, windowMs, retryAfter } = settings.limit;
    if (settings.rateHeaderShare >= 1 || random.chance(settings.rateHeaderShare)) {
      Object.assign(headers, renderRateHeaders(settings.limit, verdict));
    }
    if (verdict.allowed) return null;
    if (retryAfter) headers["retry-after"] = String(Math.ceil(verdict.resetMs / 1000));
    const message = `More than ${quota} requests per ${windowMs / 1000} seconds reached. Please wait and consider throttling your request speed`;
    return refuse({ status: 429, code: 10100, message });
  }

  /** Carries the call out, unless a script or a fault comes before it, and says how to answer it. */
  function decide(call: Call, headers: Record<string, string>): (response: ServerResponse) => number {
    const scripted = scripts.next(call.method, call.entryId);
    if (scripted !== null && "status" in scripted) {
      const { status, code = 10000 + status, message = "scripted answer", body } = scripted;
      for (const [name, value] of Object.entries(scripted.headers ?? {})) headers[name.toLowerCase()] = value;
      const answer = body === undefined ? refuse({ status, code, message }) : { status, body };
      return (response) => deliver(response, answer, headers);
    }
    const { share, kinds } = settings.faults;
    const fault = scripted?.fault ?? settings.outage ?? (share > 0 && random.chance(share) ? random.pick(kinds) : null);
    if (fault !== null && !isCarriedOut(fault, random)) {
      return (response) => deliverFault(response, fault, { status: 200, body: HALF_MADE }, headers);
    }
    const answer = routes.answer(call);
    if (answer.audited === true) headers["cf-auditlog-id"] = auditLogId(rays);
    return (response) =>
      fault === null ? deliver(response, answer, headers) : deliverFault(response, fault, answer, headers);
  }

  const server = createServer((request, response) => {
    readBody(request, (body) => {
      const path = request.url ?? "/";
      const method = request.method ?? "GET";
      if (control && path.startsWith("/__demo/")) return answerControl(api, method, path, body, response);
      const route = ROUTE.exec(path);
      if (route === null) {
        deliver(response, refuse({ status: 404, code: 7000, message: "No route for that URI" }), {});
        return;
      }
      const [, accountId = "", entryId = null, query = ""] = route;
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? null;
      later(() => arrive({ method, accountId, entryId, query, token, body }, path, response));
    });
  });
  // A connection that the client believes to be open must be: no idle time-out within a test.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });

  const api: DemoApi = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`,
    accountId: settings.accountId,
    token: settings.token,
    registry,
    entries: () => [...registry.values()].map((entry) => ({ ...entry })),
    requests: () => requests,
    mostInWindow: (windowMs) => mostInWindow(requests, windowMs),
    strangerRequests: () => limit?.strangerRequests() ?? 0,
    settings: () => settings,
    set,
    script: (script) => scripts.add(script),
    clearScripts: () => scripts.clear(),
    close: () =>
      new Promise((resolve) => {
        for (const timer of timers) clearTimeout(timer);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return api;
}

const ROUTE =
  /^\/client\/v4\/accounts\/([^/?]+)\/email-security\/settings\/impersonation_registry(?:\/([^/?]+))?(?:\?(.*))?$/;

/** What a call that is not carried out would break off with. */
const HALF_MADE = '{"success":true,"errors":[],"messages":[],"result":{"id":"f174e90a-fafe-4643-bbbc-4a0ed4fc8415"}}';

const epochMs = () => performance.timeOrigin + performance.now();

function auditLogId(count: number): string {
  return `00000000-0000-4000-8000-${count.toString(16).padStart(12, "0")}`;
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}

function readBody(request: IncomingMessage, done: (body: string) => void): void {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => (body += chunk));
  request.on("end", () => done(body));
}
