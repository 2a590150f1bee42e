import { openBackend } from "../../../src/backends/open.ts";
import { presentWorkers } from "../../../src/runs/attendance.ts";
import { isOver } from "../../../src/runs/states.ts";
import { setUpDesk } from "../../e2e/run-cli.ts";
import { startPostgres } from "../../start-postgres.ts";
import { startRedis } from "../../start-redis.ts";
import { until } from "../../until.ts";
import { startUpdates } from "./bulkpatch-run.ts";
import type { Updates } from "./updates.ts";

/** So many `bulkpatch worker` processes on a datastore of their own, which wait for the run when it comes. `rate` as BULKPATCH_RATE has it. */
export async function bulkpatchWorkers(
  updates: Updates,
  rate: string,
  processes: number,
  kind: "redis" | "postgres" = "redis",
): Promise<void> {
  const server = await (kind === "redis" ? startRedis() : startPostgres());
  const desk = await setUpDesk(updates.api, {
    BULKPATCH_BACKEND_URL: server.url,
    BULKPATCH_RATE: rate,
    BULKPATCH_CONCURRENCY: String(updates.concurrency),
  });
  try {
    const workers = Array.from({ length: processes }, () => desk.start(["worker"]));
    const backend = await openBackend({ url: server.url, dataDir: desk.folder });
    try {
      await until("the workers are there", async () => {
        return (await presentWorkers(backend.presence, updates.api.accountId)).length === processes;
      });
      const id = await startUpdates(backend, updates);
      await until("the run is over", async () => isOver((await backend.runs.get(id))!.state), 240_000);
    } finally {
      await backend.close();
    }
    for (const { child } of workers) child.kill("SIGTERM");
    await Promise.all(workers.map(({ ended }) => ended));
  } finally {
    await desk.clear();
    await server.stop();
  }
}
