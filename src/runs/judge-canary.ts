import type { RunHome } from "./run-home.ts";
import { eventOf } from "./actor.ts";
import { badOne, CANARY_OVER, canaryRows, isCanaryOver } from "./canary.ts";
import { enqueueOutstanding } from "./enqueue.ts";
import { tryProducerLease } from "./producer-lease.ts";
import type { Run } from "./run.ts";

/** Looks how the canary of a running run fares: nothing yet, the rest is queued, or the run halts. */
export async function judgeCanary(backend: RunHome, run: Run, by: string, now: () => number): Promise<Run | null> {
  const rows = await canaryRows(backend.rows, run);
  const bad = badOne(rows);
  if (bad) {
    const reason = `canary: row ${bad.row} ended as ${bad.result!.outcome}${bad.result!.message ? ` (${bad.result!.message})` : ""}, and the other rows were not sent; \`bulkpatch resume ${run.id}\` sends them all the same, \`bulkpatch cancel ${run.id}\` ends it`;
    return await backend.runs.move(run.id, ["running"], "halted", reason, eventOf("halted", by, now(), reason));
  }
  if (rows.some(({ result }) => result === null)) return run;
  return await endCanary(backend, run, by, now, `${rows.length} entries were updated and read back`);
}

/**
 * Queues the rest. Also the operator's way to go on after a canary that did not pass. Does nothing while somebody else does it.
 * Answers the run as it is then.
 */
export async function endCanary(
  backend: RunHome,
  run: Run,
  by: string,
  now: () => number,
  detail: string,
): Promise<Run | null> {
  const lease = await tryProducerLease(backend.leases, run.id, by);
  if (!lease) return run;
  try {
    const seen = await backend.runs.get(run.id);
    if (!seen || seen.state !== run.state || isCanaryOver(seen)) return seen;
    await enqueueOutstanding(
      backend,
      { ...run, options: { ...run.options, canary: 0 } },
      { signal: lease.signal, goOn: async () => (await backend.runs.get(run.id))?.state === run.state },
    );
    const over = eventOf(CANARY_OVER, by, now(), detail);
    return (
      (await backend.runs.move(run.id, [run.state], run.state, run.reason, over)) ?? (await backend.runs.get(run.id))
    );
  } finally {
    await lease.release();
  }
}
