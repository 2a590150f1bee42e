import { adviceFor } from "../../report/advice.ts";
import type { Cause } from "../../report/causes.ts";
import { groupOf } from "../../report/outcome-groups.ts";
import { Survey, type SyncedDirectory } from "../../report/survey.ts";
import type { RunHome } from "../../runs/run-home.ts";
import type { Run } from "../../runs/run.ts";
import { isOver } from "../../runs/states.ts";

export interface CauseFact extends Omit<Cause, "shown"> {
  /** Numbers of the first rows; none before the run is over. */
  firstRows: number[];
  /** What helps, in a sentence or two. */
  advice: string | null;
  /** Its rows were sent, so they can be sent once more as they are. */
  canRetry: boolean;
}

export interface Causes {
  causes: CauseFact[];
  /** Directories that keep rows from being updated; none before the run is over. */
  directories: Pick<SyncedDirectory, "provenance" | "rows">[];
}

/** Runs whose causes are kept in mind: all their rows are read for it, and nothing changes any more. */
const MOST_KEPT = 50;
const ofEndedRuns = new WeakMap<RunHome["rows"], Map<string, Causes>>();

/** Why rows of a run did not get through, the most frequent cause of each outcome first. */
export async function findCauses({ rows }: Pick<RunHome, "rows">, run: Run): Promise<Causes> {
  if (!isOver(run.state)) return { causes: await causesSoFar(rows, run), directories: [] };
  const known = ofEndedRuns.get(rows) ?? new Map<string, Causes>();
  ofEndedRuns.set(rows, known);
  const found = known.get(run.id) ?? (await surveyCauses(rows, run));
  known.delete(run.id);
  known.set(run.id, found);
  if (known.size > MOST_KEPT) known.delete(known.keys().next().value!);
  return found;
}

/** As the store counts them while rows end: a page that is looked at all the time must not read every row. */
async function causesSoFar(rows: RunHome["rows"], run: Run): Promise<CauseFact[]> {
  const counted = await rows.causes(run.id);
  return counted
    .filter(({ outcome }) => groupOf(outcome) === "to_fix" || groupOf(outcome) === "to_retry")
    .map((cause) => withAdvice({ ...cause, firstRows: [] }, run));
}

async function surveyCauses(rows: RunHome["rows"], run: Run): Promise<Causes> {
  const survey = new Survey(run);
  for await (const row of rows.all(run.id)) survey.add(row);
  return {
    causes: survey.causes.map(({ shown, ...cause }) =>
      withAdvice({ ...cause, firstRows: shown.map(({ row }) => row) }, run),
    ),
    directories: survey.directories.map(({ provenance, rows: count }) => ({ provenance, rows: count })),
  };
}

function withAdvice(cause: Omit<CauseFact, "advice" | "canRetry">, run: Run): CauseFact {
  const canRetry = cause.outcome === "failed" || cause.outcome === "rejected_by_api";
  return { ...cause, advice: adviceFor(cause, run.id), canRetry };
}
