import { presentWorkers } from "../../runs/attendance.ts";
import type { WorkerInfo } from "../../runs/presence.ts";
import type { RunHome } from "../../runs/run-home.ts";
import type { Run } from "../../runs/run.ts";
import { UNFINISHED_STATES } from "../../runs/states.ts";
import type { Desk } from "../desk.ts";
import { type Attention, attentionOf } from "./attention.ts";
import { type BudgetFact, lookAtBudget } from "./budget.ts";
import { allSchedules, newerSchedules, type ScheduleFact, scheduleAttention } from "./schedules.ts";
import type { RunProgress } from "../../runs/run-progress.ts";
import { progressOf } from "./run-progress.ts";

/** Unfinished runs that are looked at; more than an installation ever has. */
const MOST = 200;

/** A run that is not over, and how far it is. */
export interface ActiveRun {
  run: Run;
  progress: RunProgress;
}

/** What there is to know within ten seconds. */
export interface Overview {
  /** The longest waiting first. */
  attention: Attention[];
  budget: BudgetFact;
  /** Unfinished runs, newest first. */
  active: ActiveRun[];
  schedules: ScheduleFact[];
  workers: WorkerInfo[];
}

/** What the first page and `/api/v1/status` show. */
export async function overviewOf(desk: Desk): Promise<Overview> {
  const [active, schedules, newer, budget, workers] = await Promise.all([
    activeRuns(desk),
    allSchedules(desk),
    newerSchedules(desk),
    lookAtBudget(desk),
    presentWorkers(desk.backend.presence, desk.registry.api.accountId),
  ]);
  const attention = [
    ...active.map(({ run, progress }) => attentionOf(run, progress)),
    ...schedules.map(scheduleAttention),
    ...newer,
  ]
    .filter((item) => item !== null)
    .toSorted((a, b) => a.since - b.since);
  return { attention, budget, active, schedules, workers };
}

/** Newest first. */
export async function activeRuns(desk: Desk): Promise<ActiveRun[]> {
  const runs = await unfinishedRuns(desk.backend);
  return await Promise.all(runs.map(async (run) => ({ run, progress: await progressOf(desk, run) })));
}

/** Runs that are not over, newest first. */
export async function unfinishedRuns({ runs }: Pick<RunHome, "runs">): Promise<Run[]> {
  const ids = (await runs.inStates(UNFINISHED_STATES)).slice(0, MOST).map(({ id }) => id);
  const found = (await Promise.all(ids.map((id) => runs.get(id)))).filter((run) => run !== null);
  return found.toSorted((a, b) => b.createdAt - a.createdAt);
}
