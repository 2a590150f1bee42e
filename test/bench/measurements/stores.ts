import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Backend } from "../../../src/backends/backend.ts";
import { openBackend } from "../../../src/backends/open.ts";
import type { RowFilter } from "../../../src/runs/row-store.ts";
import { postgresPrograms, startPostgres } from "../../start-postgres.ts";
import { startRedis } from "../../start-redis.ts";
import { type Figure, figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";
import { endOpenRow, FAILED_WITH, makeSampleRun } from "../sample-rows.ts";
import { median, takeTurns, timed } from "../turns.ts";

const SMALL = 1_000;
const LARGE = 100_000;
const PAGE = 50;
const TURNS = 40;
const RECORDED = 100;
const SEARCHES = 20;

const FILTERS: Record<string, Omit<RowFilter, "limit">> = {
  "first page": {},
  "page in the middle": { after: SMALL / 2 },
  "rows of an outcome": { outcomes: ["failed"] },
  "rows of two outcomes": { outcomes: ["failed", "unchanged"] },
  "rows of a code": { codes: [FAILED_WITH] },
  "rows of a text that many have": { text: "person" },
};

/** What looking at the rows of a large run takes beside a small one, and recording in it. */
export const measureStores: Measure = async function* ({ say }) {
  const folder = await mkdtemp(join(tmpdir(), "stores-"));
  for (const [name, start] of [
    ["Redis", startRedis],
    ["embedded", null],
    ["PostgreSQL", startPostgres],
  ] as const) {
    if (start === startPostgres && postgresPrograms() === null) {
      say("there is no PostgreSQL here, so it is left out");
      continue;
    }
    say(name);
    const server = (await start?.()) ?? null;
    const backend = await openBackend({ url: server?.url ?? null, dataDir: join(folder, "data") });
    try {
      yield* measureBackend(name, backend);
    } finally {
      await backend.close();
      await server?.stop();
    }
  }
};

async function* measureBackend(name: string, backend: Backend): AsyncIterable<Figure> {
  const small = await makeSampleRun(backend, SMALL);
  const large = await makeSampleRun(backend, LARGE);
  const compare = async (what: string, work: (run: string) => Promise<unknown>, turns = TURNS): Promise<Figure> => {
    const { ratio } = await takeTurns(turns, {
      large: () => timed(() => work(large)),
      small: () => timed(() => work(small)),
    });
    return figure(`${name}: ${what}, 100,000 rows beside 1,000`, ratio("large", "small"), "times", { atMost: 1.5 });
  };
  for (const [what, filter] of Object.entries(FILTERS)) {
    yield await compare(what, (run) => backend.rows.page(run, { ...filter, limit: PAGE }));
  }
  yield await compare("causes", (run) => backend.rows.causes(run));
  const recorded = new Map<string, number>();
  const record = async (run: string): Promise<void> => {
    const n = recorded.get(run) ?? 0;
    recorded.set(run, n + 1);
    await backend.rows.record(run, [endOpenRow(n)]);
  };
  yield await compare("recording a row", record, RECORDED);
  const searches: number[] = [];
  for (let i = 0; i < SEARCHES; i += 1) {
    searches.push(await timed(() => backend.rows.page(large, { text: "nowhere", limit: PAGE })));
  }
  const search = `${name}: one step of a search for what none of 100,000 rows has`;
  yield figure(search, median(searches), "ms", { atMost: 250 });
}
