import { openBackend } from "../../../src/backends/open.ts";
import { presentWorkers } from "../../../src/runs/attendance.ts";
import { isOver } from "../../../src/runs/states.ts";
import { setUpDesk } from "../../e2e/run-cli.ts";
import { startRedis } from "../../start-redis.ts";
import { until } from "../../until.ts";
import { startUpdates } from "./bulkpatch-run.ts";
import type { Updates } from "./updates.ts";

/** So many `bulkpatch worker` processes on a Redis of their own, which wait for the run when it comes. `rate` as BULKPATCH_RATE has it. */
export async function bulkpatchWorkers(updates: Updates, rate: string, processes: number): Promise<void> {
  const redis = await startRedis();
  const desk = await setUpDesk(updates.api, {
    BULKPATCH_BACKEND_URL: redis.url,
    BULKPATCH_RATE: rate,
    BULKPATCH_CONCURRENCY: String(updates.concurrency),
  });
  const backend = await openBackend({ url: redis.url, dataDir: desk.folder });
  try {
    const workers = Array.from({ length: processes }, () => desk.start(["worker"]));
    await until("the workers are there", async () => {
      return (await presentWorkers(backend.presence, updates.api.accountId)).length === processes;
    });
    const id = await startUpdates(backend, updates);
    await until("the run is over", async () => isOver((await backend.runs.get(id))!.state), 240_000);
    for (const { child } of workers) child.kill("SIGTERM");
    await Promise.all(workers.map(({ ended }) => ended));
  } finally {
    await backend.close();
    await desk.clear();
    await redis.stop();
  }
}
