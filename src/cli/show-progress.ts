import type { BudgetView } from "../budget/budget-view.ts";
import { processHost, type RunWorker } from "../runs/attendance.ts";
import type { Run, RunEvent } from "../runs/run.ts";
import type { RunProgress } from "../runs/run-progress.ts";
import { visibleText } from "../visible-text.ts";
import { countOf, formatCount, formatDuration, formatTime } from "../wording.ts";
import { renderWait } from "./budget-text.ts";
import type { Terminal } from "./terminal.ts";

/** Processes and events that are named one by one. */
const SHOWN = { workers: 3, events: 8 } as const;

export interface SeenProgress {
  progress: RunProgress;
  /** Requests a second, lately; null where there were none. */
  pace: number | null;
  workers: readonly RunWorker[];
  /** Null where it is not known. */
  budget: BudgetView | null;
}

/** Prints what an unfinished run does now: since when, its pace, the time that is left, who works on it. Nothing of a run that rests. */
export function showProgress(run: Run, seen: SeenProgress, now: number, { print, style }: Terminal): void {
  const { doing, retrying } = seen.progress;
  if (doing === "resting") return;
  const parts = [`started ${formatDuration(now - run.createdAt)} ago`];
  if (seen.pace !== null && doing !== "nobody")
    parts.push(`${seen.pace.toFixed(seen.pace < 10 ? 1 : 0)} requests/s lately`);
  if (seen.progress.secondsLeft !== null) parts.push(`about ${formatDuration(seen.progress.secondsLeft * 1_000)} left`);
  print(parts.join(" · "));
  if (retrying > 0) print(`${countOf(retrying, "row")} ${retrying === 1 ? "waits" : "wait"} for the next try.`);
  const wait = seen.budget === null ? null : renderWait(seen.budget);
  if (wait !== null) print(style("yellow", wait));
  if (seen.workers.length > 0) print(`Working on it: ${renderWorkers(seen.workers)}`);
}

/** Prints the newest events, in the order in which they happened. */
export function showEvents(events: readonly RunEvent[], { print, style }: Terminal): void {
  const left = events.length - SHOWN.events;
  if (left > 0) print(style("dim", `  … ${formatCount(left)} earlier; --json has all`));
  for (const event of events.slice(-SHOWN.events)) print(style("dim", `  ${renderEvent(event)}`));
}

function renderWorkers(workers: readonly RunWorker[]): string {
  const here = processHost();
  const named = workers
    .slice(0, SHOWN.workers)
    .map(({ host, pid }) => `process ${pid} on ${host === here ? "this machine" : host.replace(/\/\d+$/, "")}`);
  const more = workers.length - named.length;
  return [...named, ...(more > 0 ? [`${formatCount(more)} more`] : [])].join(", ");
}

function renderEvent({ at, what, by, detail }: RunEvent): string {
  return visibleText(`${formatTime(at, "with seconds")}  ${what} by ${by}${detail ? `: ${detail}` : ""}`);
}
