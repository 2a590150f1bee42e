import { setTimeout as sleep } from "node:timers/promises";
import { KeyTable } from "../key-table.ts";
import { hasProducer } from "./producer-lease.ts";
import type { RunHome } from "./run-home.ts";
import type { Run } from "./run.ts";
import { UNFINISHED_STATES } from "./states.ts";

const LOOK_EVERY_MS = 200;

/** Another run, and how many entries it shares with this one. */
export interface Overlap {
  run: Run;
  entries: number;
}

/**
 * An unfinished run of the same account that still has to update some of the entries that this one, whose rows are all recorded,
 * is to update: of two runs at once on one entry, whichever comes last wins, and the other's `updated` is no longer true. Null
 * where there is none. Of runs that start at the same moment the later waits until the rows of the earlier are recorded, so that
 * exactly one goes on. Reads the rows of unfinished runs, where there are any.
 */
export async function findOverlap(
  home: Pick<RunHome, "runs" | "rows" | "leases">,
  run: Run,
  signal?: AbortSignal,
): Promise<Overlap | null> {
  const others: Run[] = [];
  for (const { id } of await home.runs.inStates(UNFINISHED_STATES)) {
    const other = id === run.id ? null : await onceRecorded(home, id, run, signal);
    if (other !== null) others.push(other);
  }
  if (others.length === 0) return null;
  const mine = new KeyTable();
  for await (const id of entriesToUpdate(home, run.id)) mine.add(id);
  for (const other of others) {
    let entries = 0;
    for await (const id of entriesToUpdate(home, other.id)) if (mine.has(id)) entries += 1;
    if (entries > 0) return { run: other, entries };
  }
  return null;
}

/** The other run, where it counts, once all its rows are recorded or its producer is gone. A later one that is being recorded looks at this one. */
async function onceRecorded(
  { runs, leases }: Pick<RunHome, "runs" | "leases">,
  id: string,
  run: Run,
  signal?: AbortSignal,
): Promise<Run | null> {
  for (;;) {
    const other = await runs.get(id);
    if (other === null || other.accountId !== run.accountId) return null;
    if (other.state !== "planning") return other;
    if (isEarlier(run, other)) return null;
    if (!(await hasProducer(leases, id))) return other;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

function isEarlier(one: Run, other: Run): boolean {
  return one.createdAt < other.createdAt || (one.createdAt === other.createdAt && one.id < other.id);
}

async function* entriesToUpdate({ rows }: Pick<RunHome, "rows">, runId: string): AsyncGenerator<string> {
  for await (const { entryId, changes, result } of rows.all(runId))
    if (entryId !== null && changes !== null && result === null) yield entryId.toLowerCase();
}
