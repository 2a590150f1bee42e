import { reasonOf } from "../../runs/move-run.ts";
import type { Run } from "../../runs/run.ts";
import type { RunProgress } from "../../runs/run-progress.ts";

/** Something that does not get better until somebody acts. */
export interface Attention {
  kind: "run" | "schedule";
  /** The run's id, or the schedule's name. */
  id: string;
  /** `halted`, `interrupted`, `paused_by_itself`, `nobody_works`, `held`, … */
  code: string;
  /** One line: what it is, and why. */
  message: string;
  /** Epoch milliseconds. */
  since: number;
}

/** What an unfinished run needs of somebody; null where it needs nothing. */
export function attentionOf(run: Run, progress: RunProgress): Attention | null {
  const about = (code: string, message: string): Attention => ({
    kind: "run",
    id: run.id,
    code,
    message: `${run.id} ${message}`,
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
