import { cronTimes } from "./cron-times.ts";
import { maskAddress } from "./notify/notify-address.ts";
import type { Occasion } from "./occasion.ts";
import { type Schedule, type ScheduleState, stateOf } from "./schedule.ts";
import type { OccasionState } from "./schedule-store.ts";
import { isHttps } from "./take-source.ts";

/** What came of an occasion, as scripts and evidence tell it. Times are ISO 8601 in UTC. */
export interface OccasionSummary {
  schedule: string;
  due_at: string;
  state: OccasionState;
  reason: string | null;
  message: string | null;
  digest: string | null;
  run: string | null;
  changes: number | null;
  started_at: string;
  finished_at: string | null;
  asked_by: string | null;
  approved_by: { by: string; at: string } | null;
}

/** An occasion as scripts see it. */
export interface OccasionView extends OccasionSummary {
  counts: {
    rows: number;
    registry: number;
    unchanged: number;
    rejected: number;
    source_changed: number;
    registry_drifted: number;
    both: number;
    left_alone: number;
    accepted: number;
    not_in_registry: number;
    not_in_list: number;
  } | null;
  /** The folder with both of the following in full: not-in-registry.csv and not-in-list.csv. */
  left_overs_dir: string | null;
  /** The first hundred. */
  not_in_registry: { row: number; text: string }[];
  not_in_list: { id: string; email: string; name: string }[];
}

/** A schedule as scripts see it: one of `schedule list`. */
export interface ScheduleView {
  name: string;
  /** The path, or the address without what follows `?`, which may be a key. */
  source: string;
  cron: string;
  time_zone: string;
  state: ScheduleState;
  next_at: string | null;
  last: OccasionView | null;
  held: {
    reason: string;
    message: string;
    digest: string | null;
    since: string;
    rows: number[];
    shown: string[];
  } | null;
  paused: DecisionView | null;
  approved: (DecisionView & { digest: string }) | null;
  rejected: (DecisionView & { digest: string }) | null;
  dry_run: boolean;
  on_drift: string;
  not_during: string[];
  max_changes: { entries: number | null; percent: number | null };
  max_changes_week_percent: number;
  max_shrink_percent: number;
  stale_after_ms: number | null;
  /** Where its file is read; null: anywhere. */
  host: string | null;
  notify: string[];
  account_id: string;
  report_dir: string;
  created_at: string;
  created_by: string;
}

interface DecisionView {
  by: string;
  at: string;
  reason: string;
}

/** A difference that somebody accepted, as scripts see it. */
export interface AcceptedView extends DecisionView {
  email: string;
  impersonation_registry_id: string;
  until: string;
  fields: Record<string, { found: unknown; listed: unknown }>;
}

export function occasionSummary(occasion: Occasion): OccasionSummary {
  const { approvedBy } = occasion;
  return {
    schedule: occasion.schedule,
    due_at: iso(occasion.dueAt),
    state: occasion.state,
    reason: occasion.reason,
    message: occasion.message,
    digest: occasion.digest,
    run: occasion.run,
    changes: occasion.changes,
    started_at: iso(occasion.startedAt),
    finished_at: occasion.finishedAt === null ? null : iso(occasion.finishedAt),
    asked_by: occasion.askedBy,
    approved_by: approvedBy && { by: approvedBy.by, at: iso(approvedBy.at) },
  };
}

export function occasionView(occasion: Occasion): OccasionView {
  const { counts } = occasion;
  return {
    ...occasionSummary(occasion),
    counts: counts && {
      rows: counts.rows,
      registry: counts.registry,
      unchanged: counts.unchanged,
      rejected: counts.rejected,
      source_changed: counts.sourceChanged,
      registry_drifted: counts.registryDrifted,
      both: counts.bothChanged,
      left_alone: counts.leftAlone,
      accepted: counts.accepted,
      not_in_registry: counts.notInRegistry,
      not_in_list: counts.notInList,
    },
    left_overs_dir: occasion.leftOversDir,
    not_in_registry: counts?.rowsNotInRegistry ?? [],
    not_in_list: counts?.entriesNotInList ?? [],
  };
}

export function scheduleView(schedule: Schedule, last: Occasion | null, now: number): ScheduleView {
  const { settings, held, paused } = schedule;
  const { limits } = settings;
  const [next] = paused === null ? cronTimes(settings.cron, settings.timeZone).next(now, 1) : [];
  return {
    name: schedule.name,
    source: shownSource(settings.source.address),
    cron: settings.cron,
    time_zone: settings.timeZone,
    state: stateOf(schedule),
    next_at: next === undefined ? null : iso(next),
    last: last && occasionView(last),
    held: held && { ...held, since: iso(held.since) },
    paused: paused && decisionView(paused),
    approved: schedule.approved && { ...decisionView(schedule.approved), digest: schedule.approved.digest },
    rejected: schedule.rejected && { ...decisionView(schedule.rejected), digest: schedule.rejected.digest },
    dry_run: settings.dryRun,
    on_drift: settings.onDrift,
    not_during: settings.notDuring,
    max_changes: { entries: limits.changes, percent: limits.changesPercent },
    max_changes_week_percent: limits.weekPercent,
    max_shrink_percent: limits.shrinkPercent,
    stale_after_ms: limits.staleAfterMs,
    host: settings.source.host,
    notify: (settings.notify?.addresses ?? []).map(maskAddress),
    account_id: settings.accountId,
    report_dir: settings.reportDir,
    created_at: iso(schedule.createdAt),
    created_by: schedule.createdBy,
  };
}

/** Those that are not over. */
export function acceptedViews({ acceptedDifferences }: Schedule, now: number): AcceptedView[] {
  return acceptedDifferences
    .filter(({ until }) => until > now)
    .map(({ entryId, email, until, fields, ...decision }) => ({
      email,
      impersonation_registry_id: entryId,
      until: iso(until),
      fields,
      ...decisionView(decision),
    }));
}

/** A path, or an address without what follows `?`, which may be a key. */
export function shownSource(address: string): string {
  if (!isHttps(address) || !URL.canParse(address)) return address;
  const { origin, pathname, search } = new URL(address);
  return `${origin}${pathname}${search === "" ? "" : "?…"}`;
}

function decisionView({ by, at, reason }: { by: string; at: number; reason: string }): DecisionView {
  return { by, at: iso(at), reason };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
