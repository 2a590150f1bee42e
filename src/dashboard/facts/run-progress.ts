import { type RunProgress, progressOf as progressIn } from "../../runs/run-progress.ts";
import type { Run } from "../../runs/run.ts";
import type { Desk } from "../desk.ts";

/** How far a run is, and what it does now. */
export async function progressOf({ backend, registry }: Desk, run: Run): Promise<RunProgress> {
  return await progressIn(backend, run, () => registry.budget.look());
}
