import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { openBackend } from "../../src/backends/open.ts";
import type { Backend } from "../../src/backends/backend.ts";
import type { RecordedResult, RowFilter } from "../../src/runs/row-store.ts";
import type { RunRow } from "../../src/runs/run.ts";
import { Crew } from "../../workers/crew.ts";
import { ended, event, sampleRun } from "../backends/sample-run.ts";
import { hostPostgres } from "../postgres-host.ts";
import { startRedis } from "../start-redis.ts";

/*
 * What keeping runs costs: pages of a run with 100,000 rows beside one with 1,000, recording in a large run beside a small one,
 * and Redis' memory for a row. Ends with 1 where a goal is missed. `npm run bench:stores`
 */

const SMALL = 1_000;
const LARGE = 100_000;
/** Of these rows one is `failed`, with a code; another number away it is `unchanged`. */
const EVERY = 10;
const PAGE = 50;
const TIMES = 30;
const RECORDED = 100;
const IDLE_MS = 10_000;

interface Measured {
  what: string;
  value: number;
  unit: string;
  /** At the most. */
  goal: number | null;
}

const folder = await mkdtemp(join(tmpdir(), "bulkpatch-bench-"));
const redis = await startRedis();
const postgres = await hostPostgres();
const measured: Measured[] = [];
try {
  // First, as long as this process has nothing else to do, not even to tidy up.
  await measureIdleness();
  const addresses: [string, string | null][] = [
    ["Redis", redis.url],
    ["embedded", null],
  ];
  if (postgres !== null) addresses.push(["PostgreSQL", await postgres.fresh()]);
  for (const [name, url] of addresses) {
    const backend = await openBackend({ url, dataDir: join(folder, "data") });
    try {
      await measureBackend(name, backend);
    } finally {
      await backend.close();
    }
  }
  await measureMemory();
} finally {
  await redis.stop();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
}

console.log(`${availableParallelism()} cores, Node ${process.versions.node}`);
for (const { what, value, unit, goal } of measured) {
  const verdict = goal === null ? "" : value <= goal ? ` (goal: at most ${goal})` : ` MISSED (goal: at most ${goal})`;
  console.log(`${what.padEnd(72)} ${value.toFixed(value < 10 ? 2 : 0)} ${unit}${verdict}`);
}
process.exitCode = measured.some(({ value, goal }) => goal !== null && value > goal) ? 1 : 0;

async function measureBackend(name: string, backend: Backend): Promise<void> {
  const small = await makeRun(backend, SMALL);
  const large = await makeRun(backend, LARGE);
  const filters: [string, Omit<RowFilter, "limit">][] = [
    ["first page", {}],
    ["page in the middle", { after: SMALL / 2 }],
    ["rows of an outcome", { outcomes: ["failed"] }],
    ["rows of two outcomes", { outcomes: ["failed", "unchanged"] }],
    ["rows of a code", { codes: [1002] }],
    ["rows of a text that many have", { text: "person" }],
  ];
  for (const [what, filter] of filters) {
    const ratio = await ratioOf(
      async () => void (await backend.rows.page(large, { ...filter, limit: PAGE })),
      async () => void (await backend.rows.page(small, { ...filter, limit: PAGE })),
    );
    measured.push({ what: `${name}: ${what}, 100,000 rows against 1,000`, value: ratio, unit: "times", goal: 1.5 });
  }
  const causes = await ratioOf(
    async () => void (await backend.rows.causes(large)),
    async () => void (await backend.rows.causes(small)),
  );
  measured.push({ what: `${name}: causes, 100,000 rows against 1,000`, value: causes, unit: "times", goal: 1.5 });
  const search = await median(
    TIMES,
    async () => void (await backend.rows.page(large, { text: "nowhere", limit: PAGE })),
  );
  measured.push({
    what: `${name}: one step of a search for what is in none of 100,000 rows`,
    value: search,
    unit: "ms",
    goal: 250,
  });
  let ofSmall = 0;
  let ofLarge = 0;
  const recording = await ratioOf(
    async () => void (await backend.rows.record(large, [open(ofLarge++)])),
    async () => void (await backend.rows.record(small, [open(ofSmall++)])),
    RECORDED,
  );
  measured.push({
    what: `${name}: recording a row, 100,000 rows against 1,000`,
    value: recording,
    unit: "times",
    goal: 1.5,
  });
}

/** How a row that was left open ends. */
function open(i: number): RecordedResult {
  return ended(3 + i * 5, "updated");
}

/** Every fifth row is left open, so that recording has something to do. */
async function makeRun(backend: Backend, count: number): Promise<string> {
  const run = sampleRun();
  await backend.runs.create(run, event("planning"));
  for (let from = 0; from < count; from += 500) {
    await backend.rows.stage(
      run.id,
      Array.from({ length: 500 }, (_, i) => ordinaryRow(from + i)),
    );
    const results = Array.from({ length: 500 }, (_, i) => from + i).filter((n) => n % 5 !== 3);
    await backend.rows.record(run.id, results.map(resultOf));
  }
  return run.id;
}

function resultOf(n: number): RecordedResult {
  if (n % EVERY === 0) return ended(n, "failed", { httpStatus: 500, apiCode: 1002, message: "no answer" });
  return n % EVERY === 1 ? ended(n, "unchanged") : ended(n);
}

/** Four ordinary columns, one of which is the change. */
function ordinaryRow(n: number): RunRow {
  const id = `5a0ed0e4-3c1f-4d2a-9b7e-${String(n).padStart(12, "0")}`;
  const comments = `Comment of number ${n} here`;
  return {
    n,
    row: n + 2,
    cells: [id, `Name of number ${n} here`, comments, "Department of Finance 123"],
    entryId: id,
    entryEmail: `person${n}@example.com`,
    entryName: `Name of number ${n}`,
    provenance: "A1S_INTERNAL",
    changes: { comments: { from: null, to: comments } },
    guard: null,
    result: null,
  };
}

/** A crew with nothing to do, beside runs that are paused: what it asks of Redis, the calls inside of scripts counted, too. */
async function measureIdleness(): Promise<void> {
  const connection = new Redis(redis.url);
  const backend = await openBackend({ url: redis.url, dataDir: folder });
  for (let i = 0; i < 50; i += 1) await backend.runs.create(sampleRun({ state: "paused" }), event("paused"));
  const crew = new Crew({
    backend,
    accountId: sampleRun().accountId,
    connect: () => {
      throw new Error("there is nothing to send");
    },
    concurrency: 8,
    by: "bench",
  });
  await crew.start();
  await sleep(2_000);
  const commands = async (): Promise<number> =>
    Number(/total_commands_processed:(\d+)/.exec(await connection.info("stats"))![1]);
  const [before, usage] = [await commands(), process.cpuUsage()];
  await sleep(IDLE_MS);
  const { user, system } = process.cpuUsage(usage);
  const perSecond = (await commands()) - before;
  measured.push({
    what: "idle beside 50 paused runs: Redis commands a second",
    value: (perSecond * 1_000) / IDLE_MS,
    unit: "",
    goal: 10,
  });
  measured.push({
    what: "idle beside 50 paused runs: of a core",
    value: (user + system) / IDLE_MS / 10,
    unit: "%",
    goal: 0.5,
  });
  await crew.stop();
  await backend.close();
  connection.disconnect();
}

/** The growth of Redis, shared out over the rows; without the queue, whose jobs are few. */
async function measureMemory(): Promise<void> {
  const connection = new Redis(redis.url);
  await connection.flushall();
  const used = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await connection.info("memory"))![1]);
  const backend = await openBackend({ url: redis.url, dataDir: folder });
  const before = await used();
  const run = sampleRun();
  await backend.runs.create(run, event("planning"));
  const rows = 20_000;
  for (let from = 0; from < rows; from += 500)
    await backend.rows.stage(
      run.id,
      Array.from({ length: 500 }, (_, i) => ordinaryRow(from + i)),
    );
  const waiting = ((await used()) - before) / rows;
  for (let from = 0; from < rows; from += 500)
    await backend.rows.record(
      run.id,
      Array.from({ length: 500 }, (_, i) => ended(from + i)),
    );
  const finished = ((await used()) - before) / rows;
  measured.push({ what: "Redis: a waiting row (without its job)", value: waiting, unit: "bytes", goal: 450 });
  measured.push({ what: "Redis: a row that has ended", value: finished, unit: "bytes", goal: 400 });
  await backend.close();
  connection.disconnect();
}

async function ratioOf(one: () => Promise<void>, other: () => Promise<void>, times = TIMES): Promise<number> {
  for (let i = 0; i < 5; i += 1) await one().then(other);
  const took: [number[], number[]] = [[], []];
  // In turn, so that what else the machine does falls on both alike.
  for (let i = 0; i < times; i += 1) {
    took[0].push(await timed(one));
    took[1].push(await timed(other));
  }
  return middle(took[0]) / middle(took[1]);
}

async function median(times: number, work: () => Promise<void>): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < times; i += 1) took.push(await timed(work));
  return middle(took);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
