import type { RunState } from "../runs/run.ts";
import { type Counted, countGroups, rowsOf } from "./outcome-groups.ts";
import { countOf, formatCount } from "../wording.ts";

/**
 * How the run went, in one sentence: `1,912 of 2,000 rows are in place; 43 entries are synced from a directory and must be
 * changed there; 12 rows need fixing.` A run that is not over says so first.
 */
export function headline(run: Counted & { state: RunState }): string {
  const total = rowsOf(run);
  const clause = STATE_CLAUSES[run.state];
  const over = clause === null;
  const prefix = over ? "" : `The run ${clause}: `;
  if (total === 0) return over ? "The spreadsheet had no rows." : `${prefix}no row is recorded yet.`;

  const n = countGroups(run);
  const clauses = [inPlace(n.in_place, total)];
  if (n.in_directory > 0) {
    const entries = n.in_directory === 1 ? "1 entry is" : `${formatCount(n.in_directory)} entries are`;
    clauses.push(`${entries} synced from a directory and must be changed there`);
  }
  if (n.to_fix > 0) clauses.push(`${countOf(n.to_fix, "row needs", "rows need")} fixing`);
  if (n.to_retry > 0) clauses.push(`${countOf(n.to_retry, "row")} failed and can be tried again`);
  if (n.not_tried > 0)
    clauses.push(`${countOf(n.not_tried, "row was", "rows were")} not tried before the run was cancelled`);
  if (n.open > 0)
    clauses.push(
      over
        ? `${countOf(n.open, "row was", "rows were")} never reached`
        : `${countOf(n.open, "row is", "rows are")} still to come`,
    );
  const sentence = `${prefix}${clauses.join("; ")}.`;
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** Null for a run that is over. */
const STATE_CLAUSES: Record<RunState, string | null> = {
  planning: "is being planned",
  queueing: "is being queued",
  running: "is still going on",
  pausing: "is being paused",
  paused: "is paused",
  halted: "was halted",
  interrupted: "was interrupted",
  cancelling: "is being cancelled",
  cancelled: null,
  finished: null,
};

function inPlace(rows: number, total: number): string {
  if (rows === total) return total === 1 ? "the one row is in place" : `all ${formatCount(total)} rows are in place`;
  if (rows === 0)
    return total === 1 ? "the one row is not in place" : `none of the ${formatCount(total)} rows is in place`;
  return `${formatCount(rows)} of ${formatCount(total)} rows ${rows === 1 ? "is" : "are"} in place`;
}
