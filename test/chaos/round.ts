import { setTimeout as sleep } from "node:timers/promises";
import type { DemoApi } from "../../src/demo/demo-api.ts";
import { seededRandom, type Random } from "../../src/demo/random.ts";
import { reportedOutcomes } from "../e2e/reported-outcomes.ts";
import { until } from "../until.ts";
import { clockOf, type StepClock } from "./clock.ts";
import { compareBudget, compareRegistry, compareReport } from "./compare.ts";
import { disturbUntilDone, type Disturbances, type Ordeal, type Suffered } from "./disturb.ts";
import { secondsSince, trafficOf, type Traffic } from "./traffic.ts";
import { fillRedis } from "./redis-faults.ts";
import { LIMIT, setUpStage, type StageOptions } from "./stage.ts";

/*
 * One round of chaos: real processes work through a spreadsheet against the stand-in while they are killed, frozen and paused
 * again and again, at random instants. Whoever was killed is started again; in the end the facts are compared with the report.
 */

export interface RoundOptions extends Omit<Disturbances, "ordeals" | "changed">, StageOptions {
  /** Default: none. */
  ordeals?: readonly Ordeal[];
}

export interface RoundFigures extends Suffered, Traffic {
  seed: number;
  seconds: number;
}

const HOUR = 3600_000;

/** Plays one round. Throws with the seed and every difference when the report is not the truth. */
export async function playRound(options: RoundOptions): Promise<RoundFigures> {
  const { seed, backendUrl, ordeals = [] } = options;
  const stage = await setUpStage(options);
  const { api, desk, sheet } = stage;
  const stepClock = clockOf(backendUrl, desk.env.BULKPATCH_DATA_DIR!);
  const make: Record<Ordeal, (random: Random) => Promise<boolean>> = {
    full: (random) => fillRedis(backendUrl, random.int(200, 4_000)),
    clock: () => stepClock(HOUR),
    day: () => closeForADay(api, stepClock, options.freezeMs?.[1] ?? 0),
  };
  const startedAt = performance.now();
  try {
    const disturbances = {
      ...options,
      ordeals: ordeals.map((name) => ({ name, happen: make[name] })),
      changed: () => changedEntries(api),
    };
    const { suffered, run } = await disturbUntilDone(desk, disturbances, seededRandom(seed)).catch((error: Error) => {
      throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
    });
    const report = await desk.call(["report", run.id, "--out", "report"]);
    const problems = [
      ...(report.code === 0 ? [] : [`report: ${report.stderr}`]),
      ...compareReport(sheet, await reportedOutcomes(desk), run),
      ...compareRegistry(sheet, stage.before, api),
      ...compareBudget(api, LIMIT, suffered.ordeals.day),
    ];
    if (problems.length > 0)
      throw new Error(`seed ${seed}, after ${JSON.stringify(suffered)}:\n  ${problems.slice(0, 20).join("\n  ")}`);
    return { seed, ...suffered, seconds: secondsSince(startedAt), ...trafficOf(api, suffered.ordeals.day) };
  } finally {
    await stage.clear();
  }
}

function changedEntries(api: DemoApi): number {
  const changes = api.requests().filter(({ method, status }) => method === "PATCH" && status >= 200 && status < 300);
  return new Set(changes.map(({ path }) => path)).size;
}

/** Answers whether somebody got to hear it. */
async function closeForADay(api: DemoApi, stepClock: StepClock, longestFreezeMs: number): Promise<boolean> {
  const throttled = (): number => api.requests().filter(({ status }) => status === 429).length;
  const before = throttled();
  api.script({ answer: { fault: "429-day" } });
  try {
    await until("a request is answered 429", () => throttled() > before, 5_000);
  } catch {
    api.clearScripts();
    if (throttled() === before) return false;
  }
  // Who heard it may be frozen, or dead before it told the others.
  await sleep(longestFreezeMs + LIMIT.windowMs);
  const sent = api.requests().length;
  await sleep(2_000);
  // A clock that steps forward makes the budget forget what it counted, which does no harm where nothing is sent.
  if (api.requests().length === sent) await stepClock(-HOUR - 5_000);
  return true;
}
