import { tmpdir } from "node:os";
import { openBackend } from "../../../src/backends/open.ts";
import { DEMO_ACCOUNT_ID } from "../../../src/demo/settings.ts";
import { type Desk, setUpDesk } from "../../e2e/run-cli.ts";
import { startRedis } from "../../start-redis.ts";
import { type Figure, figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";
import { FAILED_WITH, makeSampleRun } from "../sample-rows.ts";
import { type Dashboard, startDashboard } from "../start-dashboard.ts";
import { takeTurns, timed } from "../turns.ts";

const SMALL = 1_000;
const LARGE = 100_000;
const TURNS = 25;
const MOST_SCRIPT_KB = 25;

/** A dashboard in front of a running run and one that is over, each of so many rows. */
interface Stage {
  desk: Desk;
  dashboard: Dashboard;
  rows: number;
  running: string;
  finished: string;
}

/** Every page and list of the API where the runs have 100,000 rows beside one where they have 1,000; and how much script there is. */
export const measureDashboardPages: Measure = async function* ({ say }) {
  const redis = await startRedis();
  try {
    for (const [name, urls] of [
      ["Redis", [`${redis.url}/1`, `${redis.url}/2`]],
      ["embedded", [null, null]],
    ] as const) {
      say(`${name}: runs of ${LARGE} and ${SMALL} rows`);
      const large = await setStage(urls[0], LARGE);
      const small = await setStage(urls[1], SMALL);
      try {
        say(`${name}: pages and lists`);
        yield* comparePages(name, large, small);
        if (urls[0] !== null) yield await measureScript(small.dashboard);
      } finally {
        await large.desk.clear();
        await small.desk.clear();
      }
    }
  } finally {
    await redis.stop();
  }
};

async function setStage(url: string | null, rows: number): Promise<Stage> {
  // Nothing is asked of the API: nobody works.
  const api = { baseUrl: "http://127.0.0.1:9", token: "nobody-asks-for-it", accountId: DEMO_ACCOUNT_ID };
  const desk = await setUpDesk(api, url === null ? {} : { BULKPATCH_BACKEND_URL: url });
  const backend = await openBackend({ url, dataDir: url === null ? desk.env["BULKPATCH_DATA_DIR"]! : tmpdir() });
  const [running, finished] = await Promise.all(
    (["running", "finished"] as const).map((state) =>
      makeSampleRun(backend, rows, { state, accountId: api.accountId }),
    ),
  );
  await backend.close();
  return { desk, dashboard: await startDashboard(desk), rows, running: running!, finished: finished! };
}

/** Those that miss the goal; where none does, the one that comes nearest. */
async function* comparePages(name: string, large: Stage, small: Stage): AsyncIterable<Figure> {
  const paths = [...pages(), ...lists(JSON.parse(await small.dashboard.ask("/api/v1/openapi.json")) as OpenApi)];
  const found: Figure[] = [];
  for (const path of paths) {
    const ask = (stage: Stage) => () => timed(() => stage.dashboard.ask(fill(path, stage)));
    const { ratio } = await takeTurns(TURNS, { large: ask(large), small: ask(small) });
    const what = `${name}: ${path}, 100,000 rows beside 1,000`;
    found.push(figure(what, ratio("large", "small"), "times", { atMost: 1.5 }));
  }
  const slowest = found.toSorted((a, b) => b.measured - a.measured);
  const missed = slowest.filter(({ met }) => !met);
  if (missed.length > 0) yield* missed;
  else yield { ...slowest[0]!, what: `the slowest of ${paths.length} pages and lists, ${slowest[0]!.what}` };
}

function pages(): string[] {
  const others = ["/", "/runs", "/runs?state=running", "/schedules", "/workers", "/budget", "/new"];
  return [...others, ...["running", "finished"].flatMap(pagesOf)];
}

function pagesOf(run: string): string[] {
  const queries = ["", "?outcome=failed", "?outcome=open", `?code=${FAILED_WITH}`, "?q=person", "?after=500"];
  return [`/runs/{${run}}`, ...queries.map((query) => `/runs/{${run}}/rows${query}`), `/runs/{${run}}/rows/{row}`];
}

interface OpenApi {
  paths: Record<string, { get?: object }>;
}

/** All that is read from the API, and needs no more than a run. */
function lists({ paths }: OpenApi): string[] {
  return Object.entries(paths)
    .filter(([path, { get }]) => get && path.startsWith("/api/") && !/\{(?!run\}|row\})|events/.test(path))
    .flatMap(([path]) =>
      path.includes("{run}") ? ["running", "finished"].map((run) => path.replace("{run}", `{${run}}`)) : [path],
    );
}

function fill(path: string, { running, finished, rows }: Stage): string {
  return path
    .replace("{running}", running)
    .replace("{finished}", finished)
    .replace("{row}", String(rows / 2));
}

async function measureScript(dashboard: Dashboard): Promise<Figure> {
  const page = await dashboard.ask("/");
  const scripts = [...page.matchAll(/<script src="([^"]+)"/g)].map(([, path]) => path!);
  const sizes = await Promise.all(scripts.map(async (path) => Buffer.byteLength(await dashboard.ask(path))));
  const kb = sizes.reduce((sum, size) => sum + size, 0) / 1_000;
  return figure(`script of a page, in ${scripts.length} files, not compressed`, kb, "kB", { atMost: MOST_SCRIPT_KB });
}
