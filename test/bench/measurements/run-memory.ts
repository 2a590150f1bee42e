import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setUpDesk } from "../../e2e/run-cli.ts";
import { commentSheet } from "../../runs/decided-rows.ts";
import { startRedis } from "../../start-redis.ts";
import { peakOf } from "../command.ts";
import { type Figure, figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";
import { startStandIn } from "../stand-in.ts";

const ROWS = 100_000;
const MANY_ROWS = 1_000_000;

/** What `bulkpatch run` takes on Redis for 100,000 rows that all change: plan, run and report in one process; with `--long` also for a million. */
export const measureRunMemory: Measure = async function* ({ long, say }) {
  yield await peakOfRun(ROWS, 350, say);
  if (long) yield await peakOfRun(MANY_ROWS, 400, say);
};

async function peakOfRun(rows: number, atMost: number, say: (text: string) => void): Promise<Figure> {
  const count = `${rows.toLocaleString("en-US")} rows`;
  say(count);
  const api = await startStandIn({ entries: rows });
  const redis = await startRedis();
  const desk = await setUpDesk(api, { BULKPATCH_BACKEND_URL: redis.url, BULKPATCH_CONCURRENCY: "32" });
  try {
    const entries = await api.entries();
    await writeFile(join(desk.folder, "changes.csv"), commentSheet(entries));
    const mb = await peakOf(desk, ["run", "changes.csv", "--yes"]);
    return figure(`resident, a run of ${count} on Redis`, mb, "MB", { atMost });
  } finally {
    await desk.clear();
    await redis.stop();
    await api.stop();
  }
}
