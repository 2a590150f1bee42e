import type { RunHome } from "./run-home.ts";
import { RunError } from "./run-error.ts";
import type { Outcome } from "./outcome.ts";
import type { Run, RunRow } from "./run.ts";
import type { DecidedRows } from "./decided-rows.ts";
import { isAtRest } from "./states.ts";

/** Which rows to try again: by outcome, by API code. */
export interface RetryFilter {
  outcomes: Outcome[];
  /** Only rows whose API error has one of these codes; empty: any. */
  apiCodes: number[];
}

/**
 * The rows of an ended or resting run that are to be tried again, as a plan for a new run. They keep their numbers.
 * Only rows that were sent, or were to be sent, can be tried again: the others need a change in the spreadsheet first.
 */
export async function rowsToRetry(backend: RunHome, run: Run, filter: RetryFilter): Promise<DecidedRows> {
  if (!isAtRest(run.state)) {
    throw new RunError(`run_${run.state}`, `run ${run.id} is ${run.state}: which of its rows fail is not known yet`, {
      run: run.id,
      asked: "retry",
    });
  }
  const fits = (row: RunRow): boolean =>
    row.result !== null &&
    row.changes !== null &&
    filter.outcomes.includes(row.result.outcome) &&
    (filter.apiCodes.length === 0 || filter.apiCodes.includes(row.result.apiCode ?? -1));
  let rows = 0;
  for await (const row of backend.rows.all(run.id)) if (fits(row)) rows += 1;
  if (rows === 0) {
    const codes = filter.apiCodes.length > 0 ? ` with code ${filter.apiCodes.join(" or ")}` : "";
    throw new RunError(
      "nothing_to_retry",
      `run ${run.id} has no row to try again: none ended as ${filter.outcomes.join(" or ")}${codes} after being sent`,
      { run: run.id },
    );
  }
  async function* decided(): AsyncGenerator<RunRow> {
    let n = 0;
    for await (const row of backend.rows.all(run.id)) if (fits(row)) yield { ...row, n: n++, result: null };
  }
  return { rows, sha256: run.source.sha256, requests: 0, decided };
}

/** What a run is called that tries these rows again: `retry of changes.csv (code 10203)`. */
export function retryName({ name }: Pick<Run, "name">, { outcomes, apiCodes }: RetryFilter): string {
  const what = apiCodes.length > 0 ? `code ${apiCodes.join(", ")}` : outcomes.join(", ").replaceAll("_", " ");
  return `retry of ${name.replace(/^retry of (.*?)(?: \([^()]*\))?$/, "$1")} (${what})`;
}
