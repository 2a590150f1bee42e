import { expect } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { ended, event, sampleRows, sampleRun } from "./sample-run.ts";

/** Takes a run from its creation to its removal, with rows that are done, rows that wait to be tried again and rows never begun. */
export async function liveAndRemove(backend: Backend): Promise<void> {
  const { id } = sampleRun();
  await backend.runs.create(sampleRun({ id }), event("planning"));
  await backend.rows.stage(id, sampleRows(60));
  const queue = backend.queue(id);
  await queue.addBulk(
    sampleRows(60).map(({ n }) => ({
      name: "update",
      data: { n },
      opts: { jobId: `r${n}`, attempts: 3, backoff: { type: "outage" } },
    })),
  );
  const half = Promise.withResolvers<void>();
  let begun = 0;
  const worker = backend.worker(
    id,
    async (job) => {
      if (++begun === 30) half.resolve();
      if (job.data.n % 3 === 0) throw new Error("again later");
      await backend.rows.record(id, [ended(job.data.n)]);
    },
    { concurrency: 4, settings: { backoffStrategy: () => 60_000 } },
  );
  void worker.run();
  await half.promise;
  await backend.runs.move(id, ["planning"], "cancelled", null, event("cancelled"));
  await backend.runs.streak(id, "403:1");
  await backend.runs.addRequests(
    id,
    { total: 30 },
    { accountId: "account", counts: [{ minute: Date.now(), kind: "patch", status: "2xx", requests: 30 }] },
  );
  await queue.pause();
  await worker.close();
  expect((await queue.getJobCounts("delayed"))["delayed"]).toBeGreaterThan(0);
  await queue.obliterate({ force: true });
  await queue.close();
  await backend.runs.remove(id);
  // Looking, and removing what is gone, leave nothing either.
  for (let i = 0; i < 10; i++) {
    const gone = backend.queue(`${id}-${i}`);
    if (i % 2) await gone.getJobCounts();
    else await gone.obliterate({ force: true });
    await gone.close();
  }
}
