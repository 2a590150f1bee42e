import { openBackend } from "../../../src/backends/open.ts";
import type { Backend } from "../../../src/backends/backend.ts";
import { isOver } from "../../../src/runs/states.ts";
import { setUpDesk } from "../../e2e/run-cli.ts";
import { startRedis } from "../../start-redis.ts";
import { until } from "../../until.ts";
import { cpuMsOf } from "../cpu-of.ts";
import { figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";
import { startStandIn } from "../stand-in.ts";
import { type Dashboard, startDashboard } from "../start-dashboard.ts";
import { median } from "../turns.ts";
import { startUpdates } from "../ways/bulkpatch-run.ts";

const ROWS = 100_000;
const WARM_UP_ROWS = 10_000;
const STREAMS = 200;
const REQUESTS_PER_SECOND = 20;

/**
 * What 200 event streams and 20 requests a second on a run of 100,000 rows cost the worker that sends it without a limit. Worker,
 * dashboard, Redis and the stand-in are processes of their own; on few cores they take the time from each other.
 */
export const measureDashboardWatched: Measure = async function* ({ say }) {
  const api = await startStandIn({ entries: ROWS });
  const redis = await startRedis();
  const desk = await setUpDesk(api, { BULKPATCH_BACKEND_URL: redis.url, BULKPATCH_CONCURRENCY: "32" });
  const backend = await openBackend({ url: redis.url, dataDir: desk.folder });
  const ids = (await api.entries()).map(({ id }) => id);
  let sheets = 0;
  const start = async (rows: number): Promise<string> => {
    const sheet = ++sheets;
    return await startUpdates(backend, {
      api,
      ids: ids.slice(0, rows),
      commentOf: (n) => `Sheet ${sheet}, row ${n + 2}`,
    });
  };
  try {
    desk.start(["worker"]);
    const dashboard = await startDashboard(desk);
    await rowsPerSecond(backend, await start(WARM_UP_ROWS));
    const alone: number[] = [];
    const watched: number[] = [];
    const watches: Watched[] = [];
    for (const isWatched of [false, true, true, false]) {
      say(`${ROWS} rows, ${isWatched ? "watched" : "not watched"}`);
      const run = await start(ROWS);
      const watch = isWatched ? watchRun(dashboard, run) : null;
      (isWatched ? watched : alone).push(await rowsPerSecond(backend, run));
      if (watch) watches.push(await watch.stop());
    }
    const share = sum(watched) / sum(alone);
    const seconds = sum(watches.map((one) => one.seconds));
    yield figure(`rows/s of a worker, watched for ${Math.round(seconds)} s, of one that is not`, share, "times", {
      atLeast: 0.9,
    });
    yield figure("the worker, not watched", sum(alone) / alone.length, "rows/s");
    yield figure("a page or list meanwhile, the median", median(watches.flatMap(({ answersMs }) => answersMs)), "ms");
    yield figure("requests that were not answered well", sum(watches.map((one) => one.failed)), "", { atMost: 0 });
    yield figure("streams that heard nothing", sum(watches.map((one) => one.deaf)), "", { atMost: 0 });
    yield figure("the dashboard, of a core", (100 * sum(watches.map((one) => one.cpuMs))) / (seconds * 1_000), "%");
  } finally {
    await backend.close();
    await desk.clear();
    await redis.stop();
    await api.stop();
  }
};

/** From when it was running until it was finished, by its own history. */
async function rowsPerSecond(backend: Backend, id: string): Promise<number> {
  const run = await until(
    "the run is over",
    async () => {
      const found = (await backend.runs.get(id))!;
      return isOver(found.state) && found;
    },
    240_000,
  );
  if (run.outcomes.updated !== run.source.rows)
    throw new Error(`not every row was updated: ${JSON.stringify(run.outcomes)}`);
  const at = (what: string): number => run.events.find((event) => event.what === what)!.at;
  return run.source.rows / ((at("finished") - at("running")) / 1_000);
}

interface Watched {
  seconds: number;
  answersMs: number[];
  failed: number;
  deaf: number;
  cpuMs: number;
}

/** Listens and asks until it is stopped. */
function watchRun(dashboard: Dashboard, run: string): { stop: () => Promise<Watched> } {
  const begunAt = performance.now();
  const cpuBefore = cpuMsOf(dashboard.pid);
  const heard = Array.from({ length: STREAMS }, () => 0);
  const leave = heard.map((_, i) => dashboard.listen((text) => void (heard[i]! += text.split("\nevent: ").length)));
  const paths = ["/", `/runs/${run}`, `/runs/${run}/rows?outcome=updated`, `/api/v1/runs/${run}`, "/api/v1/status"];
  const answersMs: number[] = [];
  let failed = 0;
  let asked = 0;
  const under = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const sentAt = performance.now();
    const answer: Promise<void> = dashboard
      .ask(paths[asked++ % paths.length]!)
      .then(
        () => void answersMs.push(performance.now() - sentAt),
        () => void (failed += 1),
      )
      .finally(() => under.delete(answer));
    under.add(answer);
  }, 1_000 / REQUESTS_PER_SECOND);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(under);
      for (const one of leave) one();
      return {
        seconds: (performance.now() - begunAt) / 1_000,
        answersMs,
        failed,
        deaf: heard.filter((texts) => texts === 0).length,
        cpuMs: cpuMsOf(dashboard.pid) - cpuBefore,
      };
    },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
