import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Backend } from "../../src/backends/backend.ts";
import { parseRate } from "../../src/rate.ts";
import { Secret } from "../../src/secret.ts";
import { startDemoApi } from "../../src/demo/api.ts";
import type { DemoApi } from "../../src/demo/demo-api.ts";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { isOver } from "../../src/runs/states.ts";
import { addSchedule } from "../../src/schedules/add-schedule.ts";
import type { Keeper } from "../../src/schedules/keeper.ts";
import { decodeOccasion, type ReadOccasion } from "../../src/schedules/occasion.ts";
import { runOnce } from "../../src/schedules/run-once.ts";
import {
  DEFAULT_LIMITS,
  findSchedule,
  type Limits,
  type Schedule,
  type ScheduleSettings,
} from "../../src/schedules/schedule.ts";
import type { Notice } from "../../src/schedules/notify/notice.ts";
import { DEFAULT_NOTIFY_ON } from "../../src/schedules/notify/notify-on.ts";
import { NO_LINT_OPTIONS } from "../../src/plan/lint/lint.ts";
import { Crew } from "../../workers/crew.ts";
import { until } from "../until.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A stand-in, a backend, a list as a file, and a clock that stands until it is set. */
export interface KeeperWorld {
  api: DemoApi;
  backend: Backend;
  folder: string;
  /** Epoch milliseconds; the tests set it. */
  clock: { now: number };
  notices: Notice[];
  errors: string[];
  keeper(overrides?: Partial<Keeper>): Keeper;
  /** Adds a schedule for the list; its name is new each time. */
  add(
    settings?: Partial<Omit<ScheduleSettings, "limits">> & { limits?: Partial<Limits> },
    name?: string,
  ): Promise<string>;
  /** Writes the list. */
  list(people: readonly Person[]): Promise<void>;
  /** What the registry has, as a list of it. */
  people(): Person[];
  /** Sets the clock, looks once, lets the runs that came of it end, and settles them. */
  pass(at?: string | number, keeper?: Keeper): Promise<void>;
  schedule(name: string): Promise<Schedule>;
  /** The newest first. */
  occasions(name: string, limit?: number): Promise<ReadOccasion[]>;
  /** The newest, in short. */
  newest(name: string): Promise<Pick<ReadOccasion, "state" | "reason" | "changes">>;
  /** Requests since the last call of this. */
  requests(): { GET: number; PATCH: number };
  close(): Promise<void>;
}

export interface Person {
  id: string;
  email: string;
  name: string;
  comments: string;
}

let worlds = 0;

export async function setUpKeeperWorld(
  backend: Backend,
  { size = 100, at = "2026-03-02T12:00:00Z" }: { size?: number; at?: string } = {},
): Promise<KeeperWorld> {
  const folder = await mkdtemp(join(tmpdir(), "bulkpatch-schedules-"));
  const accountId = (++worlds).toString(16).padStart(32, "0");
  const entries = sampleRegistry({ size, seed: size, syncedShare: 0 }).map((entry, n): DemoEntry => ({
    ...entry,
    name: `Person ${n}`,
    email: `person${n}@example.com`,
    is_email_regex: false,
    comments: `floor ${n % 40}`,
  }));
  const api = await startDemoApi({ entries, accountId });
  const registry = openRegistry(
    { token: new Secret(api.token), accountId, baseUrl: api.baseUrl },
    parseRate("unlimited"),
    backend.budget,
  );
  const clock = { now: Date.parse(at) };
  const notices: Notice[] = [];
  const errors: string[] = [];
  const names: string[] = [];
  let seen = 0;
  const crew = new Crew({
    backend,
    accountId,
    connect: registry.connect,
    concurrency: 8,
    by: "crew@test",
    now: () => clock.now,
  });
  let crewStarted: Promise<void> | null = null;

  const keeper: KeeperWorld["keeper"] = (overrides = {}) => ({
    home: backend,
    registry,
    by: "keeper@test",
    host: "here",
    owner: `keeper of test ${worlds}`,
    copies: join(folder, "copies"),
    environment: () => undefined,
    now: () => clock.now,
    notifier: { notify: async (notice) => void notices.push(notice), heartbeat: async () => {} },
    onError: (error) => void errors.push(error.message),
    ...overrides,
  });
  const occasions: KeeperWorld["occasions"] = async (name, limit = 100) =>
    (await backend.schedules.occasions(name, limit)).map(decodeOccasion);

  return {
    api,
    backend,
    folder,
    clock,
    notices,
    errors,
    keeper,
    add: async ({ limits = {}, ...settings } = {}, name = `list-${worlds}-${names.length}`) => {
      names.push(name);
      await addSchedule(backend.schedules, {
        name,
        settings: {
          accountId,
          source: { address: join(folder, "list.csv"), host: "here", read: {}, tokenFrom: null },
          cron: "30 2 * * *",
          timeZone: "Europe/Berlin",
          notDuring: [],
          dryRun: false,
          onDrift: "fix",
          lint: NO_LINT_OPTIONS,
          notify: {
            addresses: ["https://hooks.test/"],
            heartbeat: null,
            allowPrivateAddress: false,
            on: DEFAULT_NOTIFY_ON,
          },
          reportDir: join(folder, "reports"),
          ...settings,
          limits: { ...DEFAULT_LIMITS, ...limits },
        },
        replace: false,
        by: "ada@test",
        now: clock.now,
      });
      return name;
    },
    list: async (people) => {
      const rows = people.map(({ id, email, name, comments }) => `${id},${email},${name},${comments}`);
      await writeFile(join(folder, "list.csv"), `id,email,name,comments\n${rows.map((row) => `${row}\n`).join("")}`);
    },
    people: () => api.entries().map(({ id, email, name, comments }) => ({ id, email, name, comments: comments ?? "" })),
    pass: async (time, by = keeper()) => {
      if (time !== undefined) clock.now = typeof time === "string" ? Date.parse(time) : time;
      await runOnce(by);
      const begun = (await backend.schedules.running())
        .filter((one) => one.accountId === accountId)
        .map(decodeOccasion);
      for (const { run } of begun) {
        if (run === null || (await backend.runs.get(run)) === null) continue;
        await (crewStarted ??= crew.start());
        await until(`run ${run} is over`, async () => isOver((await backend.runs.get(run))!.state));
        await runOnce(by);
      }
    },
    schedule: async (name) => (await findSchedule(backend.schedules, name)).schedule,
    occasions,
    newest: async (name) => {
      const [{ state, reason, changes }] = (await occasions(name, 1)) as [ReadOccasion];
      return { state, reason, changes };
    },
    requests: () => {
      const fresh = api.requests().slice(seen);
      seen += fresh.length;
      const of = (method: string): number => fresh.filter((request) => request.method === method).length;
      return { GET: of("GET"), PATCH: of("PATCH") };
    },
    close: async () => {
      if (crewStarted) await crew.stop();
      for (const name of names) await backend.schedules.remove(name);
      await api.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
