import { reasonOf } from "../../runs/move-run.ts";
import type { RunProgress } from "../../runs/run-progress.ts";
import type { Run, RunReason } from "../../runs/run.ts";

/** Something that does not get better until somebody acts. */
export interface Attention {
  kind: "run" | "schedule";
  /** The run's id, or the schedule's name. */
  id: string;
  /** `halted`, `interrupted`, `paused_by_itself`, `nobody_works`, `held`, … */
  code: string;
  /** One line: what it is, and why. */
  message: string;
  /** Why a run waits; null for all else. */
  reason: Pick<RunReason, "code" | "changes"> | null;
  /** Epoch milliseconds. */
  since: number;
}

/** What an unfinished run needs of somebody; null where it needs nothing. */
export function attentionOf(run: Run, progress: RunProgress): Attention | null {
  const waits = run.state === "halted" || run.state === "interrupted" || run.state === "paused";
  const about = (code: string, message: string): Attention => ({
    kind: "run",
    id: run.id,
    code,
    message: `${run.name} (${run.id}) ${message}`,
    reason: waits ? reasonOf(run) : null,
    since: run.events.at(-1)?.at ?? run.createdAt,
  });
  const because = run.reason === null ? "" : `: ${run.reason}`;
  if (run.state === "halted") return about("halted", `is halted${because}`);
  if (run.state === "interrupted") return about("interrupted", `is interrupted${because}`);
  if (run.state === "paused" && reasonOf(run)?.code === "same_error")
    return about("paused_by_itself", `has paused by itself${because}`);
  if (progress.doing === "nobody") return about("nobody_works", "is running, and no process works on it");
  return null;
}
