import type { Backend } from "../../src/backends/backend.ts";
import { startDemoApi } from "../../src/demo/api.ts";
import { type DemoApi, type DemoApiOptions } from "../../src/demo/demo-api.ts";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { budgetKey, createBudget } from "../../src/budget/budget.ts";
import { createRegistryClient, type RegistryClientOptions } from "../../src/registry/client.ts";
import { parseRate } from "../../src/rate.ts";
import { DEFAULT_RUN_OPTIONS, type Run, type RunOptions, type RunState } from "../../src/runs/run.ts";
import type { RowStore } from "../../src/runs/row-store.ts";
import { startRun } from "../../src/runs/start-run.ts";
import { Crew, type CrewOptions } from "../../workers/crew.ts";
import { commentRows, commentRun } from "../runs/decided-rows.ts";
import { until } from "../until.ts";

/** A stand-in, a backend, and what it takes to make runs and crews in this process. */
export interface CrewWorld {
  api: DemoApi;
  backend: Backend;
  entries: DemoEntry[];
  /** A new run that changes each of the first `rows` entries. */
  startRun(options?: Partial<RunOptions>, rows?: number): Promise<Run>;
  /** A crew that has started; it is stopped with the world. */
  startCrew(options?: Partial<CrewOptions>): Promise<Crew>;
  /** The run, once it is in one of these states. */
  comesTo(id: string, ...states: RunState[]): Promise<Run>;
  close(): Promise<void>;
}

export interface CrewWorldOptions {
  /** Shared by the tests of a file, as opening one takes a second: whoever opened it closes it. */
  backend: Backend;
  rows: number;
  api?: DemoApiOptions;
  /** As BULKPATCH_RATE has it. */
  rate?: string;
  /** Of the client; its pauses between tries are short unless they are said here. */
  client?: Partial<RegistryClientOptions>;
}

/** A backend with some of the calls about rows going another way. */
export function withRows(backend: Backend, change: (rows: RowStore) => Partial<RowStore>): Backend {
  const changes = change(backend.rows);
  const rows = new Proxy(backend.rows, {
    get: (target, property) => {
      const value: unknown = Reflect.get(changes, property) ?? Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...backend, rows };
}

export async function setUpCrewWorld({
  backend,
  rows,
  api: options = {},
  rate = "unlimited",
  client = {},
}: CrewWorldOptions): Promise<CrewWorld> {
  const entries = sampleRegistry({ size: rows, seed: rows, syncedShare: 0 });
  const api = await startDemoApi({ entries, ...options });
  const crews: Crew[] = [];

  const connect: CrewOptions["connect"] = (onRequest) => {
    const { baseUrl, accountId, token } = api;
    const budget = createBudget({ state: backend.budget, key: budgetKey(token, accountId), ...parseRate(rate) });
    const retries = { minDelayMs: 20 };
    return createRegistryClient({ baseUrl, accountId, token, budget, onRequest, retries, ...client });
  };

  return {
    api,
    backend,
    entries,
    startRun: async (runOptions = {}, count = rows) =>
      await startRun(
        commentRows(entries.slice(0, count)),
        commentRun(api.accountId, { options: { ...DEFAULT_RUN_OPTIONS, backoffMs: 20, ...runOptions } }),
        { backend, by: "ada@test", anyway: true }, // tests share a backend, and entries
      ),
    startCrew: async (crewOptions = {}) => {
      const { accountId } = api;
      const crew = new Crew({ backend, accountId, connect, concurrency: 8, by: "bob@test", ...crewOptions });
      crews.push(crew);
      await crew.start();
      return crew;
    },
    comesTo: async (id, ...states) =>
      await until(`the run comes to ${states.join(" or ")}`, async () => {
        const run = await backend.runs.get(id);
        return run && states.includes(run.state) && run;
      }),
    close: async () => {
      await Promise.all(crews.map((crew) => crew.stop()));
      await api.close();
    },
  };
}
