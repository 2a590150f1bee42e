import type { Backend } from "../../../src/backends/backend.ts";
import { budgetKey, createBudget } from "../../../src/budget/budget.ts";
import { parseRate } from "../../../src/rate.ts";
import { createRegistryClient } from "../../../src/registry/client.ts";
import { DEFAULT_RUN_OPTIONS, type RunRow } from "../../../src/runs/run.ts";
import { startRun } from "../../../src/runs/start-run.ts";
import { isOver } from "../../../src/runs/states.ts";
import { Crew } from "../../../workers/crew.ts";
import { until } from "../../until.ts";
import type { Updates } from "./updates.ts";

/** A whole run, from the first row that is recorded to its end, with a crew in this process. `rate` as BULKPATCH_RATE has it. */
export async function bulkpatchRun(backend: Backend, updates: Updates, rate = "unlimited"): Promise<void> {
  const { api, concurrency } = updates;
  const id = await startUpdates(backend, updates);
  const budget = createBudget({
    state: backend.budget,
    key: budgetKey(api.token, api.accountId),
    ...parseRate(rate),
  });
  const crew = new Crew({
    backend,
    accountId: api.accountId,
    connect: (onRequest) => createRegistryClient({ ...api, budget, onRequest }),
    concurrency,
    by: "bench",
    only: id,
  });
  await crew.start();
  await until("the run is over", async () => isOver((await backend.runs.get(id))!.state), 240_000);
  await crew.stop();
  await budget.close();
}

/** A run that is to make these updates, recorded and queued. Answers its id. */
export async function startUpdates(
  backend: Backend,
  { api, ids, commentOf }: Pick<Updates, "api" | "ids" | "commentOf">,
): Promise<string> {
  async function* decided(): AsyncGenerator<RunRow> {
    for (let n = 0; n < ids.length; n += 1) yield ordinaryRow(n, ids[n]!, commentOf(n));
  }
  const run = await startRun(
    { rows: ids.length, sha256: "0".repeat(64), requests: 0, decided },
    {
      source: { name: "bench.csv", path: null, header: ["id", "name", "comments", "department"], read: {} },
      options: DEFAULT_RUN_OPTIONS,
      accountId: api.accountId,
      retryOf: null,
      reportDir: () => null,
    },
    { backend, by: "bench", anyway: true },
  );
  return run.id;
}

/** Four ordinary columns, one of which is the change. */
export function ordinaryRow(n: number, id: string, comments: string): RunRow {
  return {
    n,
    row: n + 2,
    cells: [id, `Name of number ${n} here`, comments, "Department of Finance 123"],
    entryId: id,
    entryEmail: `person${n}@example.com`,
    entryName: `Name of number ${n}`,
    provenance: "A1S_INTERNAL",
    changes: { comments: { from: null, to: comments } },
    guard: null,
    result: null,
  };
}
