import { adviceFor } from "../../report/advice.ts";
import type { Cause } from "../../report/causes.ts";
import { Survey, type SyncedDirectory } from "../../report/survey.ts";
import type { RunHome } from "../../runs/run-home.ts";
import type { Run } from "../../runs/run.ts";

export interface CauseFact extends Cause {
  /** What helps, in a sentence or two. */
  advice: string | null;
  /** Its rows were sent, so they can be sent once more as they are. */
  canRetry: boolean;
}

/** Why rows of a run did not get through, the most frequent cause of each outcome first; and the directories that keep rows from it. */
export async function findCauses(
  { rows }: RunHome,
  run: Run,
): Promise<{ causes: CauseFact[]; directories: SyncedDirectory[] }> {
  const survey = new Survey(run);
  for await (const row of rows.all(run.id)) survey.add(row);
  const causes = survey.causes.map((cause) => ({
    ...cause,
    advice: adviceFor(cause, run.id),
    canRetry: cause.outcome === "failed" || cause.outcome === "rejected_by_api",
  }));
  return { causes, directories: survey.directories };
}
