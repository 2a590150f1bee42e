import type { RunHome } from "./run-home.ts";
import { removeQueue } from "./run-queue.ts";

const DAY = 24 * 60 * 60 * 1_000;
/** Runs that one pass looks at, newest first. */
const MOST_RUNS = 100_000;

/** Runs that ended before this time are removed. */
export function keptSince(keepDays: number, now: number): number {
  return now - keepDays * DAY;
}

/** One pass: removes runs that ended more than `keepDays` ago, with their rows. Answers how many. */
export async function removeOldRuns(backend: RunHome, keepDays: number, now: number): Promise<number> {
  const since = keptSince(keepDays, now);
  const runs = await backend.runs.list(MOST_RUNS);
  const old = runs.filter((run) => run.finishedAt !== null && run.finishedAt < since);
  for (const run of old) {
    await removeQueue(backend, run.id); // there where a process was killed between a run's end and this step
    await backend.runs.remove(run.id);
  }
  return old.length;
}
