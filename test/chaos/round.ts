import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDemoApi } from "../../src/demo/api.ts";
import { seededRandom } from "../../src/demo/random.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { sampleSpreadsheet } from "../../src/demo/sample-spreadsheet.ts";
import { reportedOutcomes } from "../e2e/reported-outcomes.ts";
import { setUpDesk } from "../e2e/run-cli.ts";
import { compareBudget, compareRegistry, compareReport } from "./compare.ts";
import { disturbUntilDone, type Disturbances, type Suffered } from "./disturb.ts";

/*
 * One round of chaos: real processes work through a spreadsheet against the stand-in while they are killed, frozen and paused
 * again and again, at random instants. Whoever was killed is started again; in the end the facts are compared with the report.
 */

const LIMIT = { requests: 400, windowMs: 5_000, window: "sliding", blockMs: 5_000, retryAfter: true } as const;
const RATE = "380/5s";

const FAILURES = ["500", "502", "503", "reset", "html", "cut-off", "answer-lost"] as const;
/** Of saying that a change was made. */
const ODD_WAYS = ["201", "204", "partial", "gzip", "br", "deflate"] as const;

export interface RoundOptions extends Disturbances {
  seed: number;
  /** Address of an empty Redis or PostgreSQL, or `embedded`. */
  backendUrl: string;
  rows: number;
  /** Share of answers that are faults. */
  faults?: number;
}

export interface RoundFigures extends Suffered {
  seed: number;
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
  const { seed, rows } = options;
  const registry = sampleRegistry({ size: Math.ceil(rows * 1.4), seed });
  const sheet = sampleSpreadsheet(registry, { rows, seed: seed + 1 });
  const api = await startDemoApi({
    entries: registry,
    limit: LIMIT,
    latency: { minMs: 5, maxMs: 60 },
    faults: { share: options.faults ?? 0, kinds: [...FAILURES, ...ODD_WAYS] },
    countedShort: 7,
    resultInfo: "text",
    seed,
  });
  const desk = await setUpDesk(api, {
    BULKPATCH_BACKEND_URL: options.backendUrl,
    BULKPATCH_RATE: RATE,
    BULKPATCH_LOG_LEVEL: "warn",
  });
  const startedAt = performance.now();
  try {
    await writeFile(join(desk.folder, "changes.csv"), sheet.text);
    const { suffered, run } = await disturbUntilDone(desk, options, seededRandom(seed)).catch((error: Error) => {
      throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
    });
    const report = await desk.run(["report", run.id, "--out", "report"]);
    const problems = [
      ...(report.code === 0 ? [] : [`report: ${report.stderr}`]),
      ...compareReport(sheet, await reportedOutcomes(desk), run),
      ...compareRegistry(sheet, registry, api),
      ...compareBudget(api, LIMIT),
    ];
    if (problems.length > 0)
      throw new Error(`seed ${seed}, after ${JSON.stringify(suffered)}:\n  ${problems.slice(0, 20).join("\n  ")}`);
    const patches = api.requests().filter(({ method }) => method === "PATCH");
    return {
      seed,
      ...suffered,
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
