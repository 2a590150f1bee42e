import { OUTCOME_LABELS, OUTCOMES } from "../runs/outcome.ts";
import type { Run } from "../runs/run.ts";
import { isOver } from "../runs/states.ts";
import { nextCommand } from "./remedies.ts";
import type { Terminal } from "./terminal.ts";
import { visibleText } from "../visible-text.ts";
import { countOf, formatCount, formatDuration } from "../wording.ts";

/** Prints how a run ended or why it rests, with the one next step. `reportWritten`: its report folder was written just now. */
export function showEnd(run: Run, { print, style }: Terminal, reportWritten = false): void {
  const took = run.finishedAt === null ? "" : ` in ${formatDuration(run.finishedAt - run.createdAt)}`;
  print(style("bold", `Run ${run.id} is ${run.state}${took}`));
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
  if (reportWritten) print(`Report: ${run.reportDir}/report.html`);
  else if (isOver(run.state)) print(`Report: bulkpatch report ${run.id}`);
  const next = nextCommand(run);
  if (next !== null) print(next);
}
