import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type DemoApi, startDemoApi } from "../../src/demo/api.ts";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import { type Random, seededRandom } from "../../src/demo/random.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { sampleSpreadsheet, type SampleSpreadsheet } from "../../src/demo/sample-spreadsheet.ts";
import type { RunView } from "../../src/runs/view.ts";
import { reportedOutcomes } from "../e2e/reported-outcomes.ts";
import { type Desk, setUpDesk, type Started } from "../e2e/run-cli.ts";

/*
 * One round of chaos: real processes work through a spreadsheet against the stand-in while kill -9 falls on one of them again
 * and again, at random instants. Whoever was killed is started again; in the end the facts are compared with the report.
 */

const LIMIT = { requests: 400, windowMs: 5_000, window: "sliding", blockMs: 5_000, retryAfter: true } as const;
const RATE = "380/5s";
const DEADLINE_MS = 180_000;

export interface RoundOptions {
  seed: number;
  /** Address of an empty Redis or PostgreSQL, or `embedded`. */
  backendUrl: string;
  /** Worker processes beside the command; 0 on the embedded backend. */
  workers: number;
  rows: number;
  /** Kills that fall, if the run lasts that long. */
  kills: number;
  /** Milliseconds between two kills, least and most. */
  every: [number, number];
  /** Share of answers that are faults. */
  faults?: number;
}

export interface RoundFigures {
  seed: number;
  kills: number;
  /** Of the kills, those that fell while the run was not yet `running`. */
  killsWhileQueueing: number;
  seconds: number;
  requests: number;
  /** PATCH calls beyond one for each entry. */
  repeated: number;
  /** The most requests that arrived in any window, as a share of the limit. */
  fullestWindow: number;
  throttled: number;
}

/** Plays one round. Throws with the seed and every difference when the report is not the truth. */
export async function playRound(options: RoundOptions): Promise<RoundFigures> {
  const random = seededRandom(options.seed);
  const registry = sampleRegistry({ size: Math.ceil(options.rows * 1.4), seed: options.seed });
  const sheet = sampleSpreadsheet(registry, { rows: options.rows, seed: options.seed + 1 });
  const api = await startDemoApi({
    entries: registry,
    limit: LIMIT,
    latency: { minMs: 5, maxMs: 60 },
    faults: { share: options.faults ?? 0, kinds: ["500", "502", "503", "reset", "html", "cut-off"] },
    seed: options.seed,
  });
  const desk = await setUpDesk(api, {
    BULKPATCH_BACKEND_URL: options.backendUrl,
    BULKPATCH_RATE: RATE,
    BULKPATCH_LOG_LEVEL: "warn",
  });
  const startedAt = performance.now();
  try {
    await writeFile(join(desk.folder, "changes.csv"), sheet.text);
    const { kills, killsWhileQueueing, run } = await killUntilDone(desk, options, random);
    const report = await desk.run(["report", run.id, "--out", "report"]);
    const problems = [
      ...(report.code === 0 ? [] : [`report: ${report.stderr}`]),
      ...compareReport(sheet, await reportedOutcomes(desk), run),
      ...compareRegistry(sheet, registry, api),
      ...compareBudget(api),
    ];
    if (problems.length > 0)
      throw new Error(`seed ${options.seed}, after ${kills} kills:\n  ${problems.slice(0, 20).join("\n  ")}`);
    const patches = api.requests().filter(({ method }) => method === "PATCH");
    return {
      seed: options.seed,
      kills,
      killsWhileQueueing,
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
      requests: api.requests().length,
      repeated: patches.length - new Set(patches.map(({ path }) => path)).size,
      fullestWindow: api.mostInWindow(LIMIT.windowMs) / LIMIT.requests,
      throttled: api.requests().filter(({ status }) => status === 429).length,
    };
  } finally {
    await desk.clear();
    await api.close();
  }
}

async function killUntilDone(
  desk: Desk,
  options: RoundOptions,
  random: Random,
): Promise<{ kills: number; killsWhileQueueing: number; run: RunView }> {
  const deadline = Date.now() + DEADLINE_MS;
  const running: (Started | null)[] = Array.from({ length: options.workers + 1 }, () => null);
  let kills = 0;
  let killsWhileQueueing = 0;
  let run: RunView | null = null;

  const command = (): Started =>
    desk.start(run === null ? ["run", "changes.csv", "--yes", "--json"] : ["resume", run.id, "--json"]);
  for (let i = 1; i < running.length; i += 1) running[i] = desk.start(["worker"]);
  running[0] = command();

  while (Date.now() < deadline) {
    await sleep(random.int(...options.every));
    const ended = running[0]?.child.exitCode;
    if (ended === 0 || ended === 3) {
      const view = (await running[0]!.ended).json<RunView>();
      if (view.state === "finished") return { kills, killsWhileQueueing, run: view };
    }
    if (kills < options.kills) {
      const victim = random.int(0, running.length - 1);
      if (await kill(running[victim])) {
        kills += 1;
        if (victim === 0 && (run === null || run.state !== "running")) killsWhileQueueing += 1;
      }
      running[victim] = null;
    }
    for (let i = 1; i < running.length; i += 1) {
      if (hasEnded(running[i])) running[i] = desk.start(["worker"]);
    }
    if (hasEnded(running[0])) {
      run = await newestRun(desk, options);
      running[0] = command();
    }
  }
  const last = running[0] ? running[0].output() : { stdout: "", stderr: "" };
  throw new Error(
    `seed ${options.seed}: not finished after ${DEADLINE_MS / 1_000} s and ${kills} kills; the last command said:\n${last.stdout}\n${last.stderr}`,
  );
}

function hasEnded(started: Started | null | undefined): boolean {
  return !started || started.child.exitCode !== null || started.child.signalCode !== null;
}

async function kill(started: Started | null | undefined): Promise<boolean> {
  if (!started || hasEnded(started)) return false;
  const hit = started.child.kill("SIGKILL");
  await started.ended;
  return hit;
}

async function newestRun(desk: Desk, { seed }: RoundOptions): Promise<RunView | null> {
  const listed = await desk.run(["runs", "--json"]);
  if (listed.code !== 0) throw new Error(`seed ${seed}: runs ended with ${listed.code}: ${listed.stderr}`);
  return listed.json<{ runs: RunView[] }>().runs[0] ?? null;
}

function compareReport(sheet: SampleSpreadsheet, reported: Map<number, string>, run: RunView): string[] {
  const problems = sheet.expected
    .filter(({ row, outcome }) => reported.get(row) !== outcome)
    .map(({ row, outcome }) => `row ${row} should be ${outcome} and is reported as ${reported.get(row)}`);
  const counted = Object.values(run.outcomes).reduce((sum, count) => sum + count, 0);
  if (counted !== sheet.expected.length) problems.push(`${counted} outcomes for ${sheet.expected.length} rows`);
  if (reported.size !== sheet.expected.length)
    problems.push(`${reported.size} rows in the report instead of ${sheet.expected.length}`);
  return problems;
}

/** Each entry has just the values that the report says it has; what no row is about was not touched. */
function compareRegistry(sheet: SampleSpreadsheet, before: DemoEntry[], api: DemoApi): string[] {
  const changed = new Map(sheet.expected.filter(({ set }) => set !== null).map(({ entryId, set }) => [entryId!, set!]));
  return before.flatMap((old) => {
    const { modified_at: _m, last_modified: _l, ...now } = api.registry.get(old.id)!;
    const { modified_at: _n, last_modified: _k, ...wanted } = { ...old, ...changed.get(old.id) };
    return isDeepStrictEqual(now, wanted)
      ? []
      : [`entry ${old.id} is ${JSON.stringify(now)} instead of ${JSON.stringify(wanted)}`];
  });
}

function compareBudget(api: DemoApi): string[] {
  const most = api.mostInWindow(LIMIT.windowMs);
  const throttled = api.requests().filter(({ status }) => status === 429).length;
  return [
    ...(most > LIMIT.requests ? [`${most} requests in ${LIMIT.windowMs} ms, ${LIMIT.requests} are allowed`] : []),
    ...(throttled > 0 ? [`${throttled} requests were answered 429`] : []),
  ];
}
