import type { RowStore } from "./row-store.ts";
import type { Run, RunRow } from "./run.ts";

/*
 * With a canary of N, only the first N updates are queued, and each is read back after its change. When all of them are
 * `updated` the rest is queued; otherwise the run halts. Which rows they are, and whether they passed, is worked out from the
 * record alone, so that any process can do it after a crash.
 */

/** The event that says so. */
export const CANARY_OVER = "canary over";

/** There is no canary, or it is over. */
export function isCanaryOver(run: Pick<Run, "options" | "events">): boolean {
  return run.options.canary === 0 || run.events.some(({ what }) => what === CANARY_OVER);
}

/** The rows of the canary: the first that need a call. */
export async function canaryRows(store: RowStore, run: Pick<Run, "id" | "options">): Promise<RunRow[]> {
  const known = positions.get(store)?.get(run.id);
  const rows = known ? await Promise.all(known.map((n) => store.get(run.id, n))) : await findRows(store, run);
  return rows.filter((row) => row !== null);
}

/** The row because of which the canary did not pass. */
export function badOne(rows: RunRow[]): RunRow | undefined {
  return rows.find(({ result }) => result !== null && result.outcome !== "updated");
}

/** Where they are does not change once all rows are recorded, and finding them may take reading nearly all. */
const positions = new WeakMap<RowStore, Map<string, number[]>>();

async function findRows(store: RowStore, run: Pick<Run, "id" | "options">): Promise<RunRow[]> {
  const rows: RunRow[] = [];
  for await (const row of store.all(run.id)) {
    const endedWithoutCall = row.result !== null && row.result.attempts === 0;
    if (row.changes !== null && !endedWithoutCall) rows.push(row);
    if (rows.length === run.options.canary) break;
  }
  const known = positions.get(store) ?? new Map<string, number[]>();
  positions.set(
    store,
    known.set(
      run.id,
      rows.map(({ n }) => n),
    ),
  );
  return rows;
}
