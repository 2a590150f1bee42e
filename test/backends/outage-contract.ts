import type { Worker } from "bullmq";
import { expect } from "vitest";
import type { RunJob } from "../../src/runs/run-home.ts";
import { openBackend } from "../../src/backends/open.ts";
import { askFor } from "../budget/ask-for.ts";
import type { StartedServer } from "../started-server.ts";
import { collect, ended, event, sampleRows, sampleRun } from "./sample-run.ts";

const ROWS = 400;

/** For one permit of very many. */
const ASK = askFor({ want: 1, rules: [1_000_000, 1_000], fastMs: 0, evenMs: 0.001, toleranceMs: 50 });

/** Stops the server with a signal while rows are worked off and recorded, starts it again, and expects that nobody noticed. */
export async function expectToSurviveRestart(server: StartedServer, signal: NodeJS.Signals): Promise<void> {
  const warned: string[] = [];
  const logger = { warn: (_: unknown, message: string) => warned.push(message), info: () => {} };
  const backend = await openBackend({ url: server.url, dataDir: "", logger });
  const queue = backend.queue("r");
  let worker: Worker<RunJob> | undefined;
  try {
    await backend.runs.create(sampleRun({ id: "r" }), event("planning"));
    await backend.rows.stage("r", sampleRows(ROWS));
    await queue.addBulk(sampleRows(ROWS).map(({ n }) => ({ name: "update", data: { n }, opts: { jobId: `r${n}` } })));

    const quarter = Promise.withResolvers<void>();
    const all = Promise.withResolvers<void>();
    const done = new Set<number>();
    worker = backend.worker(
      "r",
      async (job) => {
        await backend.budget.exchange("key", ASK);
        await backend.rows.record("r", [ended(job.data.n)]);
        done.add(job.data.n);
        if (done.size === ROWS / 4) quarter.resolve();
        if (done.size === ROWS) all.resolve();
      },
      { concurrency: 8, lockDuration: 2_000, stalledInterval: 500 },
    );
    void worker.run();
    await quarter.promise;
    await server.kill(signal);
    // Calls while it is away.
    const meanwhile = Promise.all([
      backend.runs.get("r"),
      backend.runs.addRequests("r", { total: 1 }),
      backend.leases.take("lease", "me", 60_000),
      backend.runs.inStates(["planning"]),
    ]);
    await server.start();
    const [run, , leased, states] = await meanwhile;
    expect(run?.id).toBe("r");
    expect(leased).toBeGreaterThan(0);
    expect(states).toEqual([{ id: "r", state: "planning" }]);

    await all.promise;
    await worker.close();
    expect(await collect(backend.rows.outstanding("r"))).toEqual([]);
    expect((await backend.runs.get("r"))?.outcomes.updated).toBe(ROWS);
    // One line for one outage, however many connections noticed.
    expect(warned.length).toBeLessThanOrEqual(1);
    await queue.obliterate({ force: true });
  } finally {
    await worker?.close(true);
    await queue.close();
    await backend.close();
  }
}
