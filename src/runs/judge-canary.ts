import type { Backend } from "../backends/backend.ts";
import { eventOf } from "./actor.ts";
import { CANARY_OVER, canaryRows } from "./canary.ts";
import { enqueueOutstanding } from "./enqueue.ts";
import type { Run } from "./run.ts";

/** Looks how the canary of a running run fares: nothing yet, the rest is queued, or the run halts. */
export async function judgeCanary(backend: Backend, run: Run, by: string, now: () => number): Promise<Run | null> {
  const rows = await canaryRows(backend.runs, run);
  const bad = rows.find(({ result }) => result !== null && result.outcome !== "updated");
  if (bad) {
    const reason = `canary: row ${bad.row} ended as ${bad.result!.outcome}${bad.result!.message ? ` (${bad.result!.message})` : ""}, and the other rows were not sent; \`bulkpatch resume ${run.id}\` sends them all the same, \`bulkpatch cancel ${run.id}\` ends it`;
    return await backend.runs.move(run.id, ["running"], "halted", reason, eventOf("halted", by, now(), reason));
  }
  if (rows.some(({ result }) => result === null)) return run;
  return await endCanary(backend, run, by, now, `${rows.length} entries were updated and read back`);
}

/** Queues the rest. Also the operator's way to go on after a canary that did not pass. */
export async function endCanary(
  backend: Backend,
  run: Run,
  by: string,
  now: () => number,
  detail: string,
): Promise<Run | null> {
  await enqueueOutstanding(backend, { ...run, options: { ...run.options, canary: 0 } });
  return await backend.runs.move(run.id, [run.state], run.state, run.reason, eventOf(CANARY_OVER, by, now(), detail));
}
