import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { redisForTest } from "../datastores.ts";
import type { Desk } from "../e2e/run-cli.ts";
import { setUpWorld, type World } from "../e2e/world.ts";

/** Writes the names of packages, or the paths of own files, that a process loads. */
const RECORD = `
import { registerHooks } from "node:module";
import { writeFileSync } from "node:fs";
const loaded = new Set();
registerHooks({
  load(url, context, next) {
    const [, name] = /node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(url) ?? /\\/((?:src|workers)\\/.*)$/.exec(url) ?? [];
    if (name) loaded.add(name);
    return next(url, context);
  },
});
process.on("exit", () => writeFileSync(process.env.LOADED_MODULES, JSON.stringify([...loaded])));
`;

let world: World;
afterEach(() => world.close());

async function loadedBy(desk: Desk, args: string[], env: Record<string, string> = {}) {
  const file = join(desk.folder, "loaded.json");
  const ended = await desk.run(args, {
    env: {
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(RECORD)}`,
      LOADED_MODULES: file,
      ...env,
    },
  });
  return { ...ended, loaded: JSON.parse(await readFile(file, "utf8")) as string[] };
}

/** What takes longer to load than all that a command needs to read what was asked of it. */
const LARGE = new Set(
  [
    ["bullmq", "cron-parser", "semver", "pg", "ioredis", "@electric-sql/pglite"],
    ["fastify", "prom-client", "@bull-board/api", "pino", "@opentelemetry/api", "bullmq-otel"],
    ["undici", "zod", "csv-parse", "chardet", "saxes", "yauzl", "tldts", "re2js"],
  ].flat(),
);
const largeOf = (loaded: readonly string[]): string[] => loaded.filter((name) => LARGE.has(name)).toSorted();

it("loads nothing large for help, a wrong flag, a missing argument, a wrong value or a missing setting", async () => {
  world = await setUpWorld({ rows: 1 });
  const { desk } = world;
  const help = await loadedBy(desk, ["--help"]);
  expect(help.code).toBe(0);
  expect(help.loaded.filter((name) => !name.startsWith("src/cli/"))).toEqual([
    "commander",
    "src/version.ts",
    "src/runs/outcome.ts",
  ]);
  for (const args of [
    ["run", "--help"],
    ["plan", "changes.csv", "--frobnicate"],
    ["plan"],
    ["run", "changes.csv", "--yes", "--max-changes", "x"],
    ["run", "changes.csv"],
    ["schedule", "add", "hr", "people.csv", "--cron", "0 3 * * *", "--on-drift", "x"],
  ]) {
    const { code, loaded } = await loadedBy(desk, args);
    expect({ args, code, large: largeOf(loaded) }).toEqual({ args, code: args[1] === "--help" ? 0 : 2, large: [] });
    expect(loaded.filter((name) => name.startsWith("src/cli/commands/"))).toEqual([]);
  }
  for (const args of [["run", "changes.csv", "--yes"], ["serve"], ["worker"]]) {
    const { code, stderr, loaded } = await loadedBy(desk, args, { CLOUDFLARE_API_TOKEN: "" });
    expect(stderr).toContain("CLOUDFLARE_API_TOKEN");
    expect({ args, code, large: largeOf(loaded) }).toEqual({ args, code: 1, large: [] });
  }
  const worker = await loadedBy(desk, ["worker"]);
  expect({ code: worker.code, large: largeOf(worker.loaded) }).toEqual({ code: 2, large: [] });
});

const CALLS = ["undici"];
const PLANS = [...CALLS, "csv-parse", "re2js", "tldts"];
const QUEUES = ["bullmq", "cron-parser", "semver"];

/** What is large of what a command loads, besides its backend's own; `RUN` is a run that has ended. */
type Needs = [args: string[], packages: string[]][];

const RUNS: Needs = [
  [
    ["run", "changes.csv", "--yes", "--json"],
    [...PLANS, ...QUEUES],
  ],
  [["runs"], []],
];
const LOOKS: Needs = [
  [["status", "RUN"], []],
  [["report", "RUN"], []],
  [["schedule", "list"], []],
  [["verify", "RUN"], CALLS],
];
const PLANNED: Needs = [[["plan", "changes.csv"], PLANS]];
const ASKS: Needs = [
  [["run", "changes.csv", "--dry-run"], PLANS],
  [
    ["export", "--out", "registry.csv"],
    [...CALLS, "re2js"],
  ],
  [["doctor"], CALLS],
];

async function expectNeeds(desk: Desk, needs: Needs, backend: string[]): Promise<void> {
  let run = "";
  for (const [args, packages] of needs) {
    const ended = await loadedBy(
      desk,
      args.map((arg) => (arg === "RUN" ? run : arg)),
    );
    const expected = { args, code: 0, large: [...packages, ...backend].toSorted() };
    expect({ args, code: ended.code, large: largeOf(ended.loaded) }, ended.stderr).toEqual(expected);
    if (args[0] === "run" && args.includes("--json")) run = ended.json<{ id: string }>().id;
  }
}

it("loads on the embedded backend what a command needs: no queue for who looks, no database for who plans", async () => {
  world = await setUpWorld({ rows: 3 });
  await expectNeeds(world.desk, RUNS, ["@electric-sql/pglite"]);
  await expectNeeds(world.desk, [...PLANNED, ...ASKS], []);
});

it("loads on Redis what a command needs: no queue for who looks or plans", async ({ skip }) => {
  const url = await redisForTest();
  if (url === null) return skip();
  world = await setUpWorld({ rows: 3, settings: { BULKPATCH_BACKEND_URL: url } });
  await expectNeeds(world.desk, [...RUNS, ...LOOKS, ...PLANNED], ["ioredis"]);
});
