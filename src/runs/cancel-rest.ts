import type { RunHome } from "./run-home.ts";
import { moveRun, reasonOf } from "./move-run.ts";
import type { RowResult } from "./outcome.ts";
import { tryProducerLease } from "./producer-lease.ts";
import { begunRows, removeQueue } from "./run-queue.ts";
import type { Run } from "./run.ts";

const NOT_TRIED = "not tried: the run was cancelled first";
const BEGUN =
  "the run was cancelled before an answer was seen; the entry may have been changed, a plan shows what it is now";

/**
 * Ends a run that is being cancelled, when nothing of it is in flight any more: rows without an outcome become `cancelled`, and
 * those that were begun say so. Does nothing while a producer, or somebody else who does this, is at it.
 */
export async function cancelRest(backend: RunHome, run: Run, by: string, now: () => number): Promise<Run | null> {
  const lease = await tryProducerLease(backend.leases, run.id, by);
  if (!lease) return run;
  try {
    const begun = await begunRows(backend, run);
    const cancelled = (n: number): RowResult => ({
      outcome: "cancelled",
      message: begun.has(n) ? BEGUN : NOT_TRIED,
      httpStatus: null,
      apiCode: null,
      attempts: begun.get(n) ?? 0,
      finishedAt: now(),
      rayId: null,
    });
    for await (const positions of backend.rows.outstanding(run.id)) {
      lease.signal.throwIfAborted();
      await backend.rows.record(
        run.id,
        positions.map((n) => ({ n, result: cancelled(n) })),
      );
    }
    // Not earlier: after a crash the queue tells once more which rows were begun.
    await removeQueue(backend, run.id);
    const moved = await moveRun(backend.runs, run.id, "cancelled", {
      by,
      now,
      reason: reasonOf(run),
      fence: lease.fence,
    });
    return moved ?? (await backend.runs.get(run.id));
  } finally {
    await lease.release();
  }
}
