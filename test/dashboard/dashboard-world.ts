import { afterAll, afterEach, type TestContext } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import type { DashboardSettings } from "../../src/config.ts";
import type { AnsweredRequest } from "../../src/dashboard/access-log.ts";
import { serve, type ServeOptions, type Serving } from "../../src/dashboard/serve.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { parseRate } from "../../src/rate.ts";
import { Secret } from "../../src/secret.ts";
import type { DemoApiOptions } from "../../src/demo/demo-api.ts";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import type { Run } from "../../src/runs/run.ts";
import type { Crew } from "../../workers/crew.ts";
import { openForTest } from "../runs/address-for-test.ts";
import { assertDescribed } from "./api-answers.ts";
import { type CrewWorld, type CrewWorldOptions, setUpCrewWorld } from "../workers/crew-world.ts";

export const OPERATOR = "operator-token-of-the-tests";
export const VIEWER = "viewer-token-of-the-tests";

/** A dashboard that listens, in front of a stand-in. */
export interface DashboardWorld extends CrewWorld {
  serving: Serving;
  /** What it was opened with. */
  desk: ServeOptions;
  /** Its access log. */
  answered: AnsweredRequest[];
  /** As the operator with the token itself, unless `headers` say otherwise. An answer of the API has to be as openapi.json says. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** What a browser does with a form of ours. */
  submit(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  /** Logs in as a browser does; answers its cookie. */
  logIn(token: string): Promise<string>;
}

export interface DashboardWorldOptions {
  backend: Backend;
  rows?: number;
  api?: DemoApiOptions;
  client?: CrewWorldOptions["client"];
  settings?: Partial<DashboardSettings>;
  mostUploadBytes?: number;
  now?: () => number;
}

type Kind = "embedded" | "redis";

/** Dashboards for the tests of a file: one at a time, on datastores that its tests share. */
export interface Dashboards {
  /** The one that was set up last. */
  readonly world: DashboardWorld;
  setUp(context: TestContext, options?: Partial<DashboardWorldOptions>, kind?: Kind): Promise<DashboardWorld>;
  backend(context: TestContext, kind?: Kind): Promise<Backend>;
}

/** To be called once in a file, outside of its tests; closes after each test what that opened. */
export function useDashboards(defaults: Partial<DashboardWorldOptions> = {}): Dashboards {
  const opened = new Map<Kind, Backend>();
  let world: DashboardWorld | null = null;
  afterEach(async () => {
    await world?.close();
    world = null;
  });
  afterAll(async () => {
    for (const backend of opened.values()) await backend.close();
  });
  const dashboards: Dashboards = {
    get world() {
      return world!;
    },
    backend: async (context, kind = "embedded") => {
      const backend = opened.get(kind) ?? (await openForTest(kind, context));
      opened.set(kind, backend);
      return backend;
    },
    setUp: async (context, options = {}, kind = "embedded") => {
      await world?.close();
      world = await setUpDashboard({ ...defaults, backend: await dashboards.backend(context, kind), ...options });
      return world;
    },
  };
  return dashboards;
}

let worlds = 0;

export async function setUpDashboard({
  backend,
  rows = 4,
  api: apiOptions,
  client,
  settings = {},
  mostUploadBytes,
  now,
}: DashboardWorldOptions): Promise<DashboardWorld> {
  // An account of its own: runs of another test can't hold the same entries.
  const account = (++worlds).toString(16).padStart(32, "d");
  const world = await setUpCrewWorld({
    backend,
    rows,
    api: { accountId: account, ...apiOptions },
    ...(client && { client }),
  });
  const { baseUrl, accountId, token } = world.api;
  const rate = parseRate("unlimited");
  const registry = openRegistry({ baseUrl, accountId, token: new Secret(token) }, rate, backend.budget);
  const answered: AnsweredRequest[] = [];
  const failures: Error[] = [];
  const desk: ServeOptions = {
    backend,
    registry,
    rate,
    settings: {
      host: "127.0.0.1",
      port: 0,
      token: new Secret(OPERATOR),
      viewerToken: new Secret(VIEWER),
      origin: null,
      proxies: [],
      ...settings,
    },
    log: {
      answered: (facts) => answered.push(facts),
      failed: (error) => failures.push(error),
    },
    mostUploadBytes,
    now,
  };
  const serving = await serve(desk);
  const at = (path: string): string => `${serving.listening}${path}`;
  const submit: DashboardWorld["submit"] = async (path, fields, headers = {}) =>
    await fetch(at(path), {
      method: "POST",
      body: new URLSearchParams(fields),
      redirect: "manual",
      headers: { "sec-fetch-site": "same-origin", ...headers },
    });
  return {
    ...world,
    serving,
    desk,
    answered,
    ask: async (path, init = {}) => {
      const headers = { authorization: `Bearer ${OPERATOR}`, ...(init.headers as Record<string, string>) };
      const answer = await fetch(at(path), { redirect: "manual", ...init, headers });
      if (path.startsWith("/api/v1/")) await assertDescribed(init.method ?? "GET", path, answer);
      return answer;
    },
    submit,
    logIn: async (token) => {
      const answer = await submit("/login", { token });
      return cookieOf(answer);
    },
    close: async () => {
      await serving.close();
      await world.close();
      if (failures.length > 0) throw new AggregateError(failures, "requests failed by our own fault");
    },
  };
}

/** Makes a run to its end of which the API refuses the updates of these entries, with 400 and code 10203; its crew works on. */
export async function finishRefusedRun(
  { api, startRun, startCrew, comesTo }: CrewWorld,
  refused: readonly DemoEntry[],
  message = "name is too short",
): Promise<{ run: Run; crew: Crew }> {
  for (const { id } of refused)
    api.script({ method: "PATCH", entryId: id, answer: { status: 400, code: 10203, message } });
  const { id } = await startRun();
  const crew = await startCrew();
  return { run: await comesTo(id, "finished"), crew };
}

/** The cookie that an answer sets, as a browser sends it back. */
export function cookieOf(answer: Response): string {
  return answer.headers.getSetCookie().map((cookie) => cookie.split(";", 1)[0])[0] ?? "";
}
