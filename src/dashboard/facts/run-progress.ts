import { paceOf, type RunProgress, progressOf as progressIn } from "../../runs/run-progress.ts";
import type { Run } from "../../runs/run.ts";
import { isOver } from "../../runs/states.ts";
import type { Desk } from "../desk.ts";

/** How far a run is, and what it does now. */
export async function progressOf({ backend, registry }: Desk, run: Run): Promise<RunProgress> {
  return await progressIn(backend, run, () => registry.budget.look());
}

/** Requests a second: lately, or of the whole run when it is over. Null where none was sent in that time. */
export async function speedOf({ backend, now }: Desk, run: Run): Promise<number | null> {
  if (run.finishedAt === null) return run.state === "running" ? await paceOf(backend, run, now()) : null;
  if (!isOver(run.state) || run.requests.total === 0) return null;
  return run.requests.total / Math.max(1, (run.finishedAt - run.createdAt) / 1_000);
}
