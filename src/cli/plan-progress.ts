import type { PlanProgress } from "../plan/look-up.ts";
import { formatCount } from "../wording.ts";
import type { Terminal } from "./terminal.ts";

/** Shows how far the making of a plan is, on the line that is redrawn. */
export function showPlanProgress({ redraw }: Terminal): (progress: PlanProgress, sourceName: string) => void {
  return (progress, sourceName) =>
    redraw(
      progress.step === "reading"
        ? `reading ${sourceName}: ${formatCount(progress.rows)} rows`
        : `listing the registry: ${formatCount(progress.entries)}${progress.total === null ? "" : ` of ${formatCount(progress.total)}`} entries`,
    );
}
