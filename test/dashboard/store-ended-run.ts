import type { Outcome, RowResult } from "../../src/runs/outcome.ts";
import { ended, event, sampleRow, sampleRun } from "../backends/sample-run.ts";
import type { DashboardWorld } from "./dashboard-world.ts";

/** A run that has ended, straight into the store; `resultOf` says how the row at a position ended. Answers its id. */
export async function storeEndedRun(
  { backend, api }: DashboardWorld,
  rows: number,
  resultOf: (n: number) => { outcome: Outcome } & Partial<RowResult>,
): Promise<string> {
  const run = sampleRun({ accountId: api.accountId, createdAt: Date.now() });
  const at = { ...event("started"), at: Date.now() };
  await backend.runs.create(run, at);
  for (let from = 0; from < rows; from += 1_000) {
    const some = Array.from({ length: Math.min(1_000, rows - from) }, (_, i) => {
      const { outcome, ...how } = resultOf(from + i);
      return sampleRow(from + i, { result: ended(from + i, outcome, how).result });
    });
    await backend.rows.stage(run.id, some);
  }
  await backend.runs.move(run.id, ["planning"], "finished", null, { ...at, what: "finished" });
  return run.id;
}
