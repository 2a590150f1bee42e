import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setUpDesk } from "../../e2e/run-cli.ts";
import { commentSheet } from "../../runs/decided-rows.ts";
import { postgresPrograms, startPostgres } from "../../start-postgres.ts";
import { startRedis } from "../../start-redis.ts";
import { figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";
import { startStandIn } from "../stand-in.ts";
import { takeTurns } from "../turns.ts";

const ROWS = 100;
const TURNS = 3;

/** From the start of `bulkpatch run` to its first PATCH on each backend: 100 rows, planned first. */
export const measureFirstPatch: Measure = async function* ({ say }) {
  const redis = await startRedis();
  const postgres = postgresPrograms() === null ? null : await startPostgres();
  if (postgres === null) say("there is no PostgreSQL here, so it is left out");
  const dataDir = await newFolder();
  try {
    const onServer = ({ url }: { url: string }) => secondsToFirstPatch({ BULKPATCH_BACKEND_URL: url });
    const ways: Record<string, () => Promise<number>> = {
      Redis: () => onServer(redis),
      embedded: () => secondsToFirstPatch({ BULKPATCH_DATA_DIR: dataDir }),
      "embedded, in a new folder": async () => secondsToFirstPatch({ BULKPATCH_DATA_DIR: await newFolder() }),
      ...(postgres && { PostgreSQL: () => onServer(postgres) }),
    };
    const { median } = await takeTurns(TURNS, ways);
    for (const [name, seconds] of Object.entries(median)) {
      yield figure(`from run to the first PATCH: ${name}`, seconds, "s");
    }
  } finally {
    await redis.stop();
    await postgres?.stop();
  }
};

async function secondsToFirstPatch(settings: Record<string, string>): Promise<number> {
  const api = await startStandIn({ entries: ROWS });
  const desk = await setUpDesk(api, settings);
  try {
    await writeFile(join(desk.folder, "changes.csv"), commentSheet(await api.entries()));
    const startedAt = performance.timeOrigin + performance.now();
    const { code, stderr } = await desk.run(["run", "changes.csv", "--yes"]);
    const first = (await api.requests()).find(({ method }) => method === "PATCH");
    if (code !== 0 || !first) throw new Error(`run ended with ${code}: ${stderr}`);
    return (first.at - startedAt) / 1_000;
  } finally {
    await desk.clear();
    await api.stop();
  }
}

async function newFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "first-patch-"));
}
