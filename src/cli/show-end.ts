import { OUTCOMES } from "../runs/outcome.ts";
import type { Run } from "../runs/run.ts";
import { isOver } from "../runs/states.ts";
import type { Terminal } from "./terminal.ts";
import { count, duration, outcomeLabel, plural } from "./wording.ts";

/** Prints how a run ended or why it rests, with the one next step. */
export function showEnd(run: Run, { print, style }: Terminal): void {
  const took = run.finishedAt === null ? "" : ` in ${duration((run.finishedAt - run.createdAt) / 1_000)}`;
  print(style("bold", `Run ${run.id} is ${run.state}${took}`));
  for (const outcome of OUTCOMES) {
    if (run.outcomes[outcome] > 0)
      print(`  ${outcomeLabel(outcome).padEnd(20)}${count(run.outcomes[outcome]).padStart(8)}`);
  }
  const { total, retries, throttled } = run.requests;
  print(
    style(
      "dim",
      `  ${plural(total, "request")}, ${plural(retries, "retry", "retries")}, ${count(throttled)} answered 429`,
    ),
  );
  if (run.reason) print(`Reason: ${run.reason}`);
  if (run.reportDir !== null && isOver(run.state)) print(`Report: ${run.reportDir}/report.html`);
  if (run.state === "paused" || run.state === "interrupted" || run.state === "halted")
    print(`Go on with: bulkpatch resume ${run.id}`);
  if (run.state === "finished" && run.outcomes.failed > 0)
    print(`Try the failed rows again with: bulkpatch retry ${run.id}`);
}
