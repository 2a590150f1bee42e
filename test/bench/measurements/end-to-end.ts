import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBackend } from "../../../src/backends/open.ts";
import { startRedis } from "../../start-redis.ts";
import { figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";
import { type StandIn, startStandIn } from "../stand-in.ts";
import { takeTurns, timed } from "../turns.ts";
import { bareOnPglite, bareOnRedis } from "../ways/bare-bullmq.ts";
import { bulkpatchRun } from "../ways/bulkpatch-run.ts";
import { sdkLoop } from "../ways/sdk-loop.ts";
import { undiciLoop } from "../ways/undici-loop.ts";
import type { Updates } from "../ways/updates.ts";

const ROWS = 10_000;
/** PGlite takes its time. */
const ROWS_EMBEDDED = 3_000;
const TURNS = 5;
const CONCURRENCY = 32;

/** Rows a second of whole runs, beside other ways to send the same updates to the same stand-in. Each must have changed every entry. */
export const measureEndToEnd: Measure = async function* ({ say }) {
  const api = await startStandIn({ entries: ROWS });
  const redis = await startRedis();
  const folder = await mkdtemp(join(tmpdir(), "end-to-end-"));
  const ids = (await api.entries()).map(({ id }) => id);
  const onRedis = await openBackend({ url: redis.url, dataDir: folder });
  const embedded = await openBackend({ url: null, dataDir: join(folder, "runs") });
  const bare = await openBackend({ url: null, dataDir: join(folder, "bare") });
  const way =
    (send: (updates: Updates) => Promise<unknown>, rows = ROWS) =>
    () =>
      rowsPerSecond(api, ids.slice(0, rows), send);
  try {
    say(`${TURNS} turns of ${ROWS} rows`);
    const fast = await takeTurns(TURNS, {
      undici: way(undiciLoop),
      sdk: way(sdkLoop),
      bare: way((updates) => bareOnRedis(redis.url, updates)),
      bulkpatch: way((updates) => bulkpatchRun(onRedis, updates)),
    });
    yield figure("bulkpatch on Redis, of the SDK loop", fast.ratio("bulkpatch", "sdk"), "times", { atLeast: 2 });
    const toBare = fast.ratio("bulkpatch", "bare");
    yield figure("bulkpatch on Redis, of a bare BullMQ worker", toBare, "times", { atLeast: 1.5 });
    say(`${TURNS} turns of ${ROWS_EMBEDDED} rows on PGlite`);
    const slow = await takeTurns(TURNS, {
      bare: way((updates) => bareOnPglite(bare, updates), ROWS_EMBEDDED),
      bulkpatch: way((updates) => bulkpatchRun(embedded, updates), ROWS_EMBEDDED),
    });
    const toPglite = slow.ratio("bulkpatch", "bare");
    yield figure("bulkpatch embedded, of a bare BullMQ worker on PGlite", toPglite, "times", { atLeast: 2.5 });
    yield figure("undici loop", fast.median.undici, "rows/s");
    yield figure("SDK loop", fast.median.sdk, "rows/s");
    yield figure("bare BullMQ worker on Redis", fast.median.bare, "rows/s");
    yield figure("bulkpatch on Redis", fast.median.bulkpatch, "rows/s");
    yield figure("bare BullMQ worker on PGlite", slow.median.bare, "rows/s");
    yield figure("bulkpatch embedded", slow.median.bulkpatch, "rows/s");
  } finally {
    for (const backend of [onRedis, embedded, bare]) await backend.close();
    await api.stop();
    await redis.stop();
  }
};

let sheets = 0;

async function rowsPerSecond(
  api: StandIn,
  ids: readonly string[],
  send: (updates: Updates) => Promise<unknown>,
): Promise<number> {
  const sheet = ++sheets;
  const commentOf = (n: number): string => `bench ${sheet}, row ${n + 2}`;
  globalThis.gc!();
  const ms = await timed(() => send({ api, ids, commentOf, concurrency: CONCURRENCY }));
  const comments = new Map((await api.entries()).map((entry) => [entry.id, entry.comments]));
  const unchanged = ids.filter((id, n) => comments.get(id) !== commentOf(n)).length;
  if (unchanged > 0) throw new Error(`${unchanged} of ${ids.length} entries were not updated`);
  return ids.length / (ms / 1_000);
}
