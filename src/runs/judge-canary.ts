import type { RunHome } from "./run-home.ts";
import { badOne, CANARY_OVER, canaryRows, isCanaryOver } from "./canary.ts";
import { enqueueOutstanding } from "./enqueue.ts";
import { moveRun, noteInHistory } from "./move-run.ts";
import { tryProducerLease } from "./producer-lease.ts";
import type { Run, RunReason } from "./run.ts";

/** Looks how the canary of a running run fares: nothing yet, the rest is queued, or the run halts. */
export async function judgeCanary(backend: RunHome, run: Run, by: string, now: () => number): Promise<Run | null> {
  const rows = await canaryRows(backend.rows, run);
  const bad = badOne(rows);
  if (bad) {
    const { outcome, message } = bad.result!;
    const reason: RunReason = {
      code: "canary",
      message: `canary: row ${bad.row} ended as ${outcome}${message ? ` (${message})` : ""}, and the other rows were not sent`,
    };
    return await moveRun(backend.runs, run.id, "halted", { by, now, reason, from: ["running"] });
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
    const noted = await noteInHistory(backend.runs, run, CANARY_OVER, { by, now, detail, fence: lease.fence });
    return noted ?? (await backend.runs.get(run.id));
  } finally {
    await lease.release();
  }
}
