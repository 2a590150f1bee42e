import { existsSync } from "node:fs";
import { join } from "node:path";
import { OUTCOME_LABELS, OUTCOMES, totalOf } from "../runs/outcome.ts";
import type { Run } from "../runs/run.ts";
import { isOver } from "../runs/states.ts";
import { nextCommand } from "./remedies.ts";
import type { Terminal } from "./terminal.ts";
import { visibleText } from "../visible-text.ts";
import { countOf, formatCount, formatDuration } from "../wording.ts";

/** Prints how a run ended, why it rests or how far it is, with the one next step. */
export function showEnd(run: Run, { print, style }: Terminal): void {
  print(style("bold", headline(run)));
  for (const outcome of OUTCOMES) {
    if (run.outcomes[outcome] > 0)
      print(`  ${OUTCOME_LABELS[outcome].padEnd(26)}${formatCount(run.outcomes[outcome]).padStart(8)}`);
  }
  const { total, retries, throttled } = run.requests;
  print(
    style(
      "dim",
      `  ${countOf(total, "request")}, ${countOf(retries, "retry", "retries")}, ${formatCount(throttled)} answered 429`,
    ),
  );
  if (run.reason) print(`Reason: ${visibleText(run.reason)}`);
  const page = run.reportDir === null ? null : join(run.reportDir, "report.html");
  if (isOver(run.state)) print(`Report: ${page !== null && existsSync(page) ? page : `bulkpatch report ${run.id}`}`);
  const next = nextCommand(run);
  if (next !== null) print(next);
}

function headline(run: Run): string {
  if (run.finishedAt !== null)
    return `Run ${run.id} is ${run.state} in ${formatDuration(run.finishedAt - run.createdAt)}`;
  return `Run ${run.id} is ${run.state}: ${formatCount(totalOf(run.outcomes))} of ${countOf(run.source.rows, "row")} done`;
}
