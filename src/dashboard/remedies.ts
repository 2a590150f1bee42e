import type { Ways } from "../report/advice.ts";
import { reasonOf } from "../runs/move-run.ts";
import type { ExplainedError } from "../explained-error.ts";
import { PlanFileError, type PlanFileErrorCode } from "../plan/plan-file-error.ts";
import { RunError, type RunErrorCode, type RunFacts } from "../runs/run-error.ts";
import type { ReasonCode, Run } from "../runs/run.ts";
import { ScheduleError, type ScheduleErrorCode, type ScheduleFacts } from "../schedules/schedule-error.ts";
import { explainSettings, type SettingsErrorCode } from "../schedules/settings-error.ts";
import type { Attention } from "./facts/attention.ts";

/**
 * What can't be done with a run, a schedule or a plan file, and what gets further in the words of the pages, where one presses
 * buttons; null for any other error.
 */
export function explainByCode(error: unknown): Pick<ExplainedError, "code" | "message" | "remedy"> | null {
  if (error instanceof RunError) return withRemedy(error, OF_RUNS[error.code](error.facts));
  if (error instanceof ScheduleError) return withRemedy(error, OF_SCHEDULES[error.code](error.facts));
  if (error instanceof PlanFileError) return withRemedy(error, OF_PLAN_FILES[error.code]);
  return explainSettings(error, OF_SETTINGS);
}

function withRemedy(
  { code, message }: RunError | ScheduleError | PlanFileError,
  remedy: string,
): Pick<ExplainedError, "code" | "message" | "remedy"> {
  return { code, message, remedy };
}

const LOOK_LATER = (): string => "its page shows how far it is; try again when it rests";
const SEE_REPORT = (): string => "its page has the report";
const GO_ON_OR_END = (): string => "resume it, or cancel it";

const OF_RUNS: Record<RunErrorCode, (facts: RunFacts) => string> = {
  run_not_found: ({ near }) =>
    near !== undefined && near.length > 0
      ? `the newest runs are ${near.join(", ")}`
      : "the page Runs lists all there are",
  run_busy: LOOK_LATER,
  run_taken_over: LOOK_LATER,
  entries_busy: ({ run }) => `let run ${run} end first, or cancel it`,
  backend_evicts: () => "set maxmemory-policy noeviction there, and start the dashboard again",
  wrong_account: () => "open the dashboard of that account: this one works for another",
  safety_limit: ({ changes }) =>
    `look at its rows; then resume it with ${changes ?? "their number of"} changes allowed, or cancel it`,
  source_changed: () => "put the file back as it was, or cancel the run and start a new one",
  source_gone: () => "cancel the run, then start a new one from the same data",
  nothing_to_retry: () =>
    "rows that were refused before they were sent are in failed.csv: mend them there and upload it",
  nothing_to_undo: SEE_REPORT,
  no_old_values: () => "put them back from an export that was made before, if there is one",
  run_planning: () => "wait until its rows are recorded, or cancel it",
  run_queueing: () => "wait for its end, or pause it first",
  run_running: () => "wait for its end, or pause it first",
  run_pausing: LOOK_LATER,
  run_paused: GO_ON_OR_END,
  run_halted: GO_ON_OR_END,
  run_interrupted: GO_ON_OR_END,
  run_cancelling: LOOK_LATER,
  run_cancelled: SEE_REPORT,
  run_finished: SEE_REPORT,
};

const OF_SCHEDULES: Record<ScheduleErrorCode, (facts: ScheduleFacts) => string> = {
  schedule_not_found: ({ names = [] }) =>
    names.length === 0 ? "there are none yet" : "the page Schedules lists all there are",
  schedule_newer: () => "update bulkpatch where the dashboard runs",
  schedule_exists: () => "give it another name",
  wrong_account: () => "open the dashboard of that account: this one works for another",
  already_asked: () => "wait for it: whoever keeps the schedules carries it out within a quarter of a minute",
  not_held: () => "its page shows how it stands",
  no_plan: () => "put the list right, and the next occasion goes on by itself; Run now looks at once",
  digest_changed: () => "look at its page again, and decide on the plan that is held now",
  date_over: () => "name a later date",
  nothing_differs: () => "its page shows its last occasions",
};

const OF_SETTINGS: Record<SettingsErrorCode, string> = {
  bad_name: "name it like hr-nightly or finance",
  bad_cron: 'write it like "0 3 * * *" (every night at three)',
  cron_never: "name a day that its month has",
  bad_time_zone: "write it like Europe/Berlin or UTC",
  bad_not_during: 'write it like "mon-fri 08:00-18:00", "sat,sun", "day 28-31" or "2026-12-20..2027-01-06"',
  address_not_https: "use https",
  contradiction: "leave one of the two out",
};

const MAKE_AGAIN = "make the plan again, look at it, and run that";

/** A run whose recording was cut off reads its plan file again. */
const OF_PLAN_FILES: Record<PlanFileErrorCode, string> = {
  plan_file_unreadable: "put the plan file back on this machine, or cancel the run",
  plan_file_form: "put the plan file back as it was, or cancel the run",
  plan_file_version: "resume it with the version of bulkpatch that made the plan",
  plan_file_altered: "put the plan file back as it was, or cancel the run",
  plan_other_account: "open the dashboard of that account: this one works for another",
  plan_carried_out: MAKE_AGAIN,
  plan_changed: `cancel the run, then ${MAKE_AGAIN}`,
};

/** How one does things here, for the advice about rows. */
export const BUTTON_WAYS: Ways = {
  sendFile: "upload it under New run",
  liveList: "the live list (bulkpatch export, or Cloudflare's own dashboard)",
  tryAgain: "press Try again.",
  tryCancelled: "upload failed.csv under New run.",
};

/** What to press, or to do, about something that needs somebody. */
export function whatHelps({ code, reason }: Pick<Attention, "code" | "reason">): string {
  if (reason !== null) return AFTER[reason.code](reason.changes);
  return HELP[code] ?? "Its page says more.";
}

const HELP: Record<string, string> = {
  nobody_works: "Start `bulkpatch worker`, or `bulkpatch serve` without --no-work.",
  held: "Look at the rows that caused it. Then approve exactly that plan, or reject it.",
  failed: "Its page says why; put that right, then run it now.",
};

/** What to do about a run that waits for somebody; null where it does not. */
export function nextStep(run: Run): string | null {
  const waits = run.state === "paused" || run.state === "halted" || run.state === "interrupted";
  const reason = waits ? reasonOf(run) : null;
  return reason === null ? null : AFTER[reason.code](reason.changes);
}

const RESUME = (): string => "Resume it to go on, or cancel it.";

const AFTER: Record<ReasonCode, (changes?: number) => string> = {
  asked: RESUME,
  stopped: RESUME,
  producer_gone: RESUME,
  cut_off: RESUME,
  credentials: () => "Find the cause with `bulkpatch doctor` and mend it, then resume the run.",
  safety_limit: (changes) =>
    `Look at its rows. Then resume it with ${changes ?? "their number of"} changes allowed, or cancel it.`,
  canary: () => "Look at the row. Resume to send the others all the same, or cancel the run.",
  same_error: () => "Look at one of those rows. Then resume it to go on, or cancel it.",
};
