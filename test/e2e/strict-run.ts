import { once } from "node:events";
import type { RunView } from "../../src/runs/view.ts";
import { until } from "../until.ts";
import { setUpWorld, type World } from "./world.ts";

const WINDOW_MS = 3_000;
const LIMIT = { requests: 120, windowMs: WINDOW_MS, window: "sliding", blockMs: WINDOW_MS, retryAfter: true } as const;

export interface StrictRun {
  /** That name an empty backend. */
  settings: Record<string, string>;
  rows: number;
  /** That spend from the budget. Where only one can do the work, the others make plans meanwhile. */
  processes: number;
  /** There and back, at the most. */
  latencyMs: number;
}

/** What a server says that counts each arrival in a sliding window, and blocks whoever goes over its limit. */
export interface StrictVerdict {
  /** Answers with 429. */
  throttled: number;
  requests: number;
  /** The most requests in one window, of 120 that are allowed. */
  fullest: number;
  /** Rows that were not updated. */
  lost: number;
}

/** Carries out a run with real processes, a hundred times as fast as at Cloudflare: 114 requests in three seconds. */
export async function playStrictRun({ settings, rows, processes, latencyMs }: StrictRun): Promise<StrictVerdict> {
  const world = await setUpWorld({
    rows,
    api: { limit: LIMIT, latency: { minMs: latencyMs / 3, maxMs: latencyMs } },
    settings: { BULKPATCH_RATE: "114/3s", ...settings },
  });
  try {
    const stop = new AbortController();
    const others = await startOthers(
      world,
      processes - 1,
      settings["BULKPATCH_BACKEND_URL"] !== undefined,
      stop.signal,
    );
    const run = await world.desk.run(["run", "changes.csv", "--yes", "--json"]);
    stop.abort();
    await Promise.all(others);
    const { outcomes } = run.json<RunView>();
    const requests = world.api.requests();
    return {
      throttled: requests.filter(({ status }) => status === 429).length,
      requests: requests.length,
      fullest: world.api.mostInWindow(WINDOW_MS),
      lost: rows - outcomes.updated,
    };
  } finally {
    await world.close();
  }
}

/** Resolves when they are there; each of what it gives, when it has ended after the signal. */
async function startOthers(
  { desk }: World,
  count: number,
  canWork: boolean,
  stop: AbortSignal,
): Promise<Promise<unknown>[]> {
  const each = Array.from({ length: count });
  if (!canWork) {
    return each.map(async () => {
      while (!stop.aborted) await desk.run(["plan", "changes.csv"]);
    });
  }
  const workers = each.map(() => desk.start(["worker"]));
  await until("the workers are ready", () =>
    workers.every(({ output }) => output().stderr.includes("worker is ready")),
  );
  return workers.map(async ({ child, ended }) => {
    if (!stop.aborted) await once(stop, "abort");
    child.kill("SIGTERM");
    await ended;
  });
}
