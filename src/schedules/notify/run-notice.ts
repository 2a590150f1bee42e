import { OUTCOME_LABELS, OUTCOMES, totalOf } from "../../runs/outcome.ts";
import type { Run } from "../../runs/run.ts";
import { viewOf } from "../../runs/view.ts";
import { formatCount } from "../../wording.ts";
import type { Notice } from "./notice.ts";
import { noticesFor, type NotifyOn } from "./notify-on.ts";

/** What is told of a run that is over or rests; null where nobody wants to hear that of it. */
export function noticeOfRun(run: Run, on: NotifyOn, at: number): Notice | null {
  const { state, reason, rows, outcomes } = run;
  const rejected = totalOf(outcomes) - outcomes.updated - outcomes.unchanged;
  const [kind] = noticesFor({ state: state === "finished" ? "done" : "failed", reason, rows, rejected }, [], on);
  if (kind === undefined) return null;
  return {
    kind,
    about: "run",
    title: `Run ${run.id} (${run.name}) is ${state}`,
    details: detailsOf(run),
    data: { run: viewOf(run) },
    at,
  };
}

function detailsOf({ outcomes, reason }: Run): string[] {
  const counted = OUTCOMES.filter((outcome) => outcomes[outcome] > 0).map(
    (outcome) => `${OUTCOME_LABELS[outcome]}: ${formatCount(outcomes[outcome])}`,
  );
  return reason === null ? counted : [reason, ...counted];
}
