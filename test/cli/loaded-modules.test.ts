import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
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
  const { code, stderr } = await desk.run(args, {
    env: {
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(RECORD)}`,
      LOADED_MODULES: file,
      ...env,
    },
  });
  return { code, stderr, loaded: JSON.parse(await readFile(file, "utf8")) as string[] };
}

/** What only the work of a command needs. */
const QUEUES_AND_SERVERS = ["bullmq", "pg", "ioredis", "@electric-sql/pglite", "fastify", "pino"];
const LARGE = new Set([...QUEUES_AND_SERVERS, "undici", "csv-parse", "saxes"]);
const largeOf = (loaded: readonly string[]): string[] => loaded.filter((name) => LARGE.has(name));

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
    expect(loaded.filter((name) => name.startsWith("src/cli/commands/") || name === "zod")).toEqual([]);
  }
  for (const args of [["run", "changes.csv", "--yes"], ["serve"], ["worker"]]) {
    const { code, stderr, loaded } = await loadedBy(desk, args, { CLOUDFLARE_API_TOKEN: "" });
    expect(stderr).toContain("CLOUDFLARE_API_TOKEN");
    expect({ args, code, large: largeOf(loaded) }).toEqual({ args, code: 1, large: [] });
  }
  const worker = await loadedBy(desk, ["worker"]);
  expect({ code: worker.code, large: largeOf(worker.loaded) }).toEqual({ code: 2, large: [] });
});

it("plans, exports and checks on the embedded backend without a database, a queue or a server", async () => {
  world = await setUpWorld({ rows: 3 });
  const { desk } = world;
  for (const args of [
    ["plan", "changes.csv"],
    ["run", "changes.csv", "--dry-run"],
    ["export", "--out", "registry.csv"],
    ["doctor"],
  ]) {
    const { code, loaded } = await loadedBy(desk, args);
    expect({ args, code }).toEqual({ args, code: 0 });
    expect(loaded).toContain("undici");
    expect({ args, unwanted: QUEUES_AND_SERVERS.filter((name) => loaded.includes(name)) }).toEqual({
      args,
      unwanted: [],
    });
  }
});
