import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";

/*
 * node test/bench/plan-memory.ts: what a plan of 100,000 rows against a registry of 100,000 entries takes in memory,
 * in a process that does nothing else, and how much of it the view of the registry keeps. The stand-in runs as a process of its
 * own. Ends with 1 when a goal of the design is missed.
 */

const ENTRIES = 100_000;
const RESIDENT_GOAL_MB = 300;
const VIEW_GOAL_MB = 60;
const MB = 1024 * 1024;

interface Measured {
  residentMb: number;
  viewMb: number;
  seconds: number;
}

interface ApiAddress {
  baseUrl: string;
  accountId: string;
  token: string;
}

const [mode, file, address] = process.argv.slice(2);
if (mode === "--plan") await planOnly(file!, JSON.parse(address!) as ApiAddress);
else if (mode === "--view") await viewOnly(file!, JSON.parse(address!) as ApiAddress);
else await benchmark();

async function benchmark(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bulkpatch-plan-memory-"));
  const script = join(import.meta.dirname, "../../src/demo/api-process.ts");
  const api = fork(script, ["--entries", String(ENTRIES)], { silent: true });
  try {
    const [line] = (await once(createInterface({ input: api.stdout! }), "line")) as [string];
    const table: Record<string, Measured> = {};
    for (const [name, rows] of Object.entries({ "rows with an id": rowsById, "rows with an address": rowsByAddress })) {
      const path = join(folder, "rows.csv");
      await pipeline(rows, createWriteStream(path));
      const measure = async (what: "--plan" | "--view"): Promise<Partial<Measured>> => {
        const args = ["--expose-gc", import.meta.filename, what, path, line];
        return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout) as Partial<Measured>;
      };
      table[name] = { ...(await measure("--plan")), ...(await measure("--view")) } as Measured;
    }
    console.table(table);
    const measured = Object.values(table);
    const goals = [
      {
        goal: `a plan resident in less than ${RESIDENT_GOAL_MB} MB`,
        mb: Math.max(...measured.map((m) => m.residentMb)),
      },
      { goal: `the view of it in less than ${VIEW_GOAL_MB} MB`, mb: Math.max(...measured.map((m) => m.viewMb)) },
    ].map((goal, i) => ({ ...goal, met: goal.mb < [RESIDENT_GOAL_MB, VIEW_GOAL_MB][i]! }));
    console.table(goals);
    if (!goals.every(({ met }) => met)) process.exitCode = 1;
  } finally {
    api.kill();
    await rm(folder, { recursive: true });
  }
}

function* rowsById(): Generator<string> {
  yield "id,name,comments\n";
  for (const { id, name } of sampleRegistry({ size: ENTRIES })) yield `${id},${name},Changed by the bench\n`;
}

function* rowsByAddress(): Generator<string> {
  yield "email,name,comments\n";
  for (const { email, name } of sampleRegistry({ size: ENTRIES })) yield `"${email}",${name},Changed by the bench\n`;
}

/** Makes one plan, and prints what it took. */
async function planOnly(path: string, api: ApiAddress): Promise<void> {
  const { makePlan } = await import("../../src/plan/make-plan.ts");
  const { openSource, registry } = await open(api);
  const startedAt = performance.now();
  const source = await openSource(path);
  const plan = await makePlan({ source, registry, noPlan: false, checkAgain: false, requestsSent: () => 0 });
  for await (const _row of plan.decided());
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const residentMb = Math.round(process.resourceUsage().maxRSS / 1024);
  await plan.close();
  await source.close();
  await registry.close();
  process.stdout.write(JSON.stringify({ residentMb, seconds }));
}

/** Looks up what the rows need, and prints what is kept of it. */
async function viewOnly(path: string, api: ApiAddress): Promise<void> {
  const { lookUp, Wanted } = await import("../../src/plan/look-up.ts");
  const { openSource, registry } = await open(api);
  const wanted = new Wanted();
  const source = await openSource(path);
  for await (const row of source.rows()) wanted.add(row);
  await source.close();
  const before = memoryUsed();
  const view = await lookUp(registry, wanted, { noPlan: false, needSize: false, ids: async function* () {} });
  await registry.close();
  const viewMb = Math.round((memoryUsed() - before) / MB);
  process.stdout.write(JSON.stringify({ viewMb, entries: view.size }));
}

async function open(api: ApiAddress) {
  const { openSource } = await import("../../src/changes/open-source.ts");
  const { createRegistryClient } = await import("../../src/registry/client.ts");
  const { createBudget } = await import("../../src/budget/budget.ts");
  const { createMemoryBudgetState } = await import("../../src/budget/memory-budget.ts");
  const { parseRate } = await import("../../src/rate.ts");
  const budget = createBudget({ state: createMemoryBudgetState(), key: "bench", ...parseRate("unlimited") });
  return { openSource, registry: createRegistryClient({ ...api, budget }) };
}

function memoryUsed(): number {
  globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
