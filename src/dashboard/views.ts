import { z } from "zod";
import type { WorkerInfo } from "../runs/presence.ts";
import { OUTCOMES } from "../runs/outcome.ts";
import { DRIFT_CAUSES, type Run, RUN_STATES, type RunRow } from "../runs/run.ts";
import { viewEvents, viewOf, viewProgress } from "../runs/view.ts";
import { scheduleView } from "../schedules/view.ts";
import type { ScheduleFact } from "./facts/schedules.ts";
import type { Attention } from "./facts/attention.ts";
import type { BudgetFact } from "./facts/budget.ts";
import type { CauseFact } from "./facts/find-causes.ts";
import type { ActiveRun, Overview } from "./facts/overview.ts";
import { KEPT_MS, type KeptPlan } from "./plans/kept-plans.ts";
import { VIEWS } from "./view-registry.ts";
import { DOINGS, type RunProgress } from "../runs/run-progress.ts";

/*
 * The objects of the HTTP API, as the command line's `--json` gives them (and more where a page needs it): snake_case, times in
 * ISO 8601. Each has its schema, from which openapi.json is made, and the function that makes it.
 */

const Time = z.iso.datetime();

export const RunView = z
  .object({
    id: z.string().describe("readable and easy to type, e.g. 2026-11-24-brave-otter"),
    name: z.string().describe("the spreadsheet's name"),
    state: z.enum(RUN_STATES),
    reason: z.string().nullable().describe("why it is in this state"),
    rows: z.int(),
    outcomes: z.object(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, z.int()]))),
    requests: z.object({ total: z.int(), retries: z.int(), throttled: z.int() }),
    created_at: Time,
    finished_at: Time.nullable(),
    report_dir: z.string().nullable(),
  })
  .register(VIEWS, { id: "Run" });

const ProgressView = z
  .object({
    doing: z.enum(DOINGS).describe("what it does at this moment, whatever its state is called"),
    ended: z.int().describe("rows that have their outcome"),
    seconds_left: z.int().nullable(),
    retrying: z.int().describe("rows that wait for their next try"),
  })
  .register(VIEWS, { id: "Progress" });

export const RunDetailView = RunView.extend({
  account_id: z.string(),
  retry_of: z.string().nullable().describe("the run whose rows this one tries again"),
  source: z.object({ name: z.string(), sha256: z.string(), header: z.array(z.string()) }),
  progress: ProgressView,
  events: z
    .array(z.object({ at: Time, what: z.string(), by: z.string(), detail: z.string().nullable() }))
    .describe("who did what, the oldest first"),
}).register(VIEWS, { id: "RunDetail" });

export function viewRunDetail(run: Run, progress: RunProgress): z.output<typeof RunDetailView> {
  const { name, sha256, header } = run.source;
  return {
    ...viewOf(run),
    account_id: run.accountId,
    retry_of: run.retryOf,
    source: { name, sha256, header },
    progress: viewProgress(progress),
    events: viewEvents(run),
  };
}

const Value = z.union([z.string(), z.number(), z.boolean()]).nullable();

export const RowView = z
  .object({
    row: z.int().describe("as the spreadsheet shows it: the header is row 1"),
    outcome: z.enum(OUTCOMES).nullable().describe("null: none yet"),
    impersonation_registry_id: z.string().nullable(),
    email: z.string().nullable().describe("of the entry, as the plan found it"),
    name: z.string().nullable(),
    provenance: z.string().nullable().describe("names the directory of a synced entry"),
    changes: z.record(z.string(), z.object({ from: Value, to: Value })).describe("old and new values by field"),
    message: z.string().nullable(),
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
    cause: z.enum(DRIFT_CAUSES).nullable().describe("of a schedule's row: who changed what differs"),
    last_applied: z
      .record(z.string(), Value)
      .nullable()
      .describe("of fields that somebody changed in the registry since"),
    http_status: z.int().nullable(),
    api_code: z.int().nullable(),
    attempts: z.int(),
    finished_at: Time.nullable(),
    ray_id: z.string().nullable().describe("for Cloudflare's support"),
    cells: z.array(z.string()).describe("the row itself, in the order of the source's header"),
  })
  .register(VIEWS, { id: "Row" });

export function viewRow(row: RunRow): z.output<typeof RowView> {
  const { result } = row;
  return {
    row: row.row,
    outcome: result?.outcome ?? null,
    impersonation_registry_id: row.entryId,
    email: row.entryEmail,
    name: row.entryName,
    provenance: row.provenance,
    changes: row.changes ?? {},
    message: result?.message ?? null,
    warnings: row.warnings ?? [],
    cause: row.drift?.cause ?? null,
    last_applied: row.drift?.applied ?? null,
    http_status: result?.httpStatus ?? null,
    api_code: result?.apiCode ?? null,
    attempts: result?.attempts ?? 0,
    finished_at: result ? timeOf(result.finishedAt) : null,
    ray_id: result?.rayId ?? null,
    cells: row.cells,
  };
}

export const CauseView = z
  .object({
    outcome: z.enum(OUTCOMES),
    http_status: z.int().nullable(),
    api_code: z.int().nullable(),
    message: z.string().nullable(),
    rows: z.int(),
    first_rows: z.array(z.int()).describe("none before the run is over"),
    advice: z.string().nullable(),
    can_retry: z.boolean().describe("its rows were sent, and can be sent once more as they are"),
  })
  .register(VIEWS, { id: "Cause" });

export function viewCause(cause: CauseFact): z.output<typeof CauseView> {
  const { outcome, httpStatus, apiCode, message, rows, firstRows, advice, canRetry } = cause;
  return {
    outcome,
    http_status: httpStatus,
    api_code: apiCode,
    message,
    rows,
    first_rows: firstRows,
    advice,
    can_retry: canRetry,
  };
}

export const BudgetView = z
  .object({
    limit: z.int().describe("requests in a window, as configured"),
    window_seconds: z.number(),
    used: z.int().describe("requests that count now"),
    left: z.int().describe("requests that may be made in this window still"),
    per_second: z.number().describe("requests that all processes together may make in a second now"),
    all_free_at: Time.nullable().describe("when none of the requests that count now will count; null: none does"),
    closed_until: Time.nullable().describe("null while it is open"),
    reason: z
      .enum(["throttled", "used_up", "careful", "shared"])
      .nullable()
      .describe("why it is closed, or slower than it could be; shared: somebody else spends from it, too"),
  })
  .register(VIEWS, { id: "Budget" });

export function viewBudget(budget: BudgetFact): z.output<typeof BudgetView> {
  return {
    limit: budget.limit,
    window_seconds: budget.windowSeconds,
    used: budget.used,
    left: budget.left,
    per_second: budget.perSecond,
    all_free_at: budget.allFreeAt === null ? null : timeOf(budget.allFreeAt),
    closed_until: budget.closedUntil === null ? null : timeOf(budget.closedUntil),
    reason: budget.reason,
  };
}

export const WorkerView = z
  .object({ id: z.string(), host: z.string(), pid: z.int(), started_at: Time })
  .register(VIEWS, { id: "Worker" });

export function viewWorker({ id, host, pid, startedAt }: WorkerInfo): z.output<typeof WorkerView> {
  return { id, host, pid, started_at: timeOf(startedAt) };
}

const AttentionView = z
  .object({
    kind: z.enum(["run", "schedule"]),
    id: z.string(),
    code: z.string(),
    message: z.string(),
    since: Time,
  })
  .register(VIEWS, { id: "Attention" });

function viewAttention({ kind, id, code, message, since }: Attention): z.output<typeof AttentionView> {
  return { kind, id, code, message, since: timeOf(since) };
}

export const ActiveRunView = RunView.extend({ progress: ProgressView }).register(VIEWS, { id: "ActiveRun" });

export function viewActiveRun({ run, progress }: ActiveRun): z.output<typeof ActiveRunView> {
  return { ...viewOf(run), progress: viewProgress(progress) };
}

export const StatusView = z
  .object({
    attention: z.array(AttentionView).describe("what needs somebody, the longest waiting first"),
    budget: BudgetView,
    active: z.array(ActiveRunView).describe("unfinished runs, newest first"),
    next_occasions: z
      .array(z.object({ schedule: z.string(), due_at: Time, last_success_at: Time.nullable() }))
      .describe("of active schedules, the next first"),
    workers: z.array(WorkerView),
  })
  .register(VIEWS, { id: "Status" });

export function viewStatus(
  { attention, budget, active, schedules, workers }: Overview,
  now: number,
): z.output<typeof StatusView> {
  return {
    attention: attention.map(viewAttention),
    budget: viewBudget(budget),
    active: active.map(viewActiveRun),
    next_occasions: nextOccasions(schedules, now),
    workers: workers.map(viewWorker),
  };
}

function nextOccasions(schedules: readonly ScheduleFact[], now: number): z.output<typeof StatusView>["next_occasions"] {
  return schedules
    .flatMap(({ schedule, last, lastSuccessAt }) => {
      const { name, next_at } = scheduleView(schedule, last, now);
      const success = lastSuccessAt === null ? null : timeOf(lastSuccessAt);
      return next_at === null ? [] : [{ schedule: name, due_at: next_at, last_success_at: success }];
    })
    .toSorted((a, b) => a.due_at.localeCompare(b.due_at));
}

export const PlanView = z
  .object({
    id: z.string(),
    digest: z.string().describe("sha256: by which the plan is started"),
    source: z.object({ name: z.string(), sha256: z.string(), rows: z.int(), notes: z.array(z.string()) }),
    summary: z.record(z.string(), z.int()).describe("rows by what becomes of them: update, unchanged, rejected_…"),
    requests: z.object({ plan: z.int(), updates: z.int() }),
    warnings: z.record(z.string(), z.int()).describe("rows with each kind of warning, by its code"),
    expires_at: Time.describe("it is kept until then"),
    run: z.string().nullable().describe("the run that it was started as"),
  })
  .register(VIEWS, { id: "Plan" });

export async function viewPlan(plan: KeptPlan): Promise<z.output<typeof PlanView>> {
  const { update, outcomes } = plan.summary;
  const rejected = Object.entries(outcomes).filter(([outcome]) => outcome.startsWith("rejected_"));
  const run = await plan.run?.catch(() => null);
  return {
    id: plan.id,
    digest: plan.digest,
    source: { name: plan.source.name, sha256: plan.sha256, rows: plan.rowCount, notes: plan.notes },
    summary: { update, unchanged: outcomes.unchanged, ...Object.fromEntries(rejected) },
    requests: { plan: plan.requests, updates: update },
    warnings: plan.warnings,
    expires_at: timeOf(plan.madeAt + KEPT_MS),
    run: run?.id ?? null,
  };
}

export const PlanRowView = RowView.pick({
  row: true,
  impersonation_registry_id: true,
  email: true,
  name: true,
  provenance: true,
  changes: true,
  message: true,
  warnings: true,
  cells: true,
})
  .extend({ outcome: z.enum(["update", ...OUTCOMES]) })
  .register(VIEWS, { id: "PlanRow" });

export function viewPlanRow(row: RunRow): z.output<typeof PlanRowView> {
  return { ...viewRow(row), outcome: row.result?.outcome ?? "update" };
}

/** ISO 8601 in UTC. */
export function timeOf(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
