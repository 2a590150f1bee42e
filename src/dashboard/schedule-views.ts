import { z } from "zod";
import { ON_DRIFT } from "../schedules/schedule.ts";
import { OCCASION_STATES } from "../schedules/schedule-store.ts";
import { scheduleView } from "../schedules/view.ts";
import type { ScheduleFact } from "./facts/schedules.ts";
import { VIEWS } from "./view-registry.ts";
import { timeOf } from "./views.ts";

/** Schedules and their occasions, as `schedule … --json` gives them. */

const Time = z.iso.datetime();
const Decision = z.object({ by: z.string(), at: Time, reason: z.string() });
const DecisionOnPlan = Decision.extend({ digest: z.string() });

export const OccasionView = z
  .object({
    schedule: z.string(),
    due_at: Time,
    state: z.enum(OCCASION_STATES),
    reason: z.string().nullable().describe("a stable word"),
    message: z.string().nullable(),
    digest: z.string().nullable().describe("of the plan"),
    run: z.string().nullable(),
    changes: z.int().nullable().describe("entries that were changed, or would be"),
    started_at: Time,
    finished_at: Time.nullable(),
    asked_by: z.string().nullable().describe("null: the clock"),
    approved_by: z.object({ by: z.string(), at: Time }).nullable(),
    counts: z.record(z.string(), z.int()).nullable(),
    left_overs_dir: z
      .string()
      .nullable()
      .describe("with not-in-registry.csv and not-in-list.csv, which have all of them"),
    not_in_registry: z.array(z.object({ row: z.int(), text: z.string() })).describe("the first hundred"),
    not_in_list: z
      .array(z.object({ id: z.string(), email: z.string(), name: z.string() }))
      .describe("the first hundred"),
  })
  .register(VIEWS, { id: "Occasion" });

export const ScheduleView = z
  .object({
    name: z.string(),
    source: z.string(),
    cron: z.string(),
    time_zone: z.string(),
    state: z.enum(["active", "paused", "held"]),
    next_at: Time.nullable(),
    last: OccasionView.nullable(),
    last_success_at: Time.nullable(),
    held: z
      .object({
        reason: z.string(),
        message: z.string(),
        digest: z.string().nullable().describe("of the plan that can be approved"),
        since: Time,
        rows: z.array(z.int()).describe("rows that caused it, the first thousand"),
        shown: z.array(z.string()).describe("the first of them in words"),
      })
      .nullable(),
    paused: Decision.nullable(),
    approved: DecisionOnPlan.nullable(),
    rejected: DecisionOnPlan.nullable(),
    dry_run: z.boolean(),
    on_drift: z.enum(ON_DRIFT),
    not_during: z.array(z.string()),
    max_changes: z.object({ entries: z.number().nullable(), percent: z.number().nullable() }),
    max_changes_week_percent: z.number(),
    max_shrink_percent: z.number(),
    stale_after_ms: z.number().nullable(),
    host: z.string().nullable(),
    notify: z.array(z.string()),
    account_id: z.string(),
    report_dir: z.string(),
    created_at: Time,
    created_by: z.string(),
  })
  .register(VIEWS, { id: "Schedule" });

export function viewSchedule(
  { schedule, last, lastSuccessAt }: ScheduleFact,
  now: number,
): z.output<typeof ScheduleView> {
  return {
    ...scheduleView(schedule, last, now),
    on_drift: schedule.settings.onDrift,
    last_success_at: lastSuccessAt === null ? null : timeOf(lastSuccessAt),
  };
}

export const ScheduleDetailView = ScheduleView.extend({
  occasions: z.array(OccasionView).describe("the newest ten"),
  accepted: z
    .array(
      Decision.extend({
        email: z.string(),
        impersonation_registry_id: z.string(),
        until: Time,
        fields: z.record(z.string(), z.object({ found: z.unknown(), listed: z.unknown() })),
      }),
    )
    .describe("differences that somebody took out of the alarm"),
}).register(VIEWS, { id: "ScheduleDetail" });
