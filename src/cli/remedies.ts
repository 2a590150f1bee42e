import type { ExplainedError } from "../explained-error.ts";
import { PlanFileError, type PlanFileErrorCode, type PlanErrorFacts } from "../plan/plan-file-error.ts";
import { RunError, type RunErrorCode, type RunFacts } from "../runs/run-error.ts";
import { reasonOf } from "../runs/move-run.ts";
import type { ReasonCode, Run } from "../runs/run.ts";
import { ScheduleError, type ScheduleErrorCode, type ScheduleFacts } from "../schedules/schedule-error.ts";
import { explainSettings, type SettingsErrorCode } from "../schedules/settings-error.ts";

/** What can't be done with a run, a schedule or a plan file, with the command that gets further; null for any other error. */
export function explainByCode(error: unknown): Pick<ExplainedError, "code" | "message" | "remedy"> | null {
  if (error instanceof RunError) return withRemedy(error, OF_RUNS[error.code]({ run: "RUN", ...error.facts }));
  if (error instanceof ScheduleError) return withRemedy(error, OF_SCHEDULES[error.code](error.facts));
  if (error instanceof PlanFileError) return withRemedy(error, OF_PLAN_FILES[error.code](error.facts));
  return explainSettings(error, OF_SETTINGS);
}

function withRemedy(
  { code, message }: RunError | ScheduleError | PlanFileError,
  remedy: string,
): Pick<ExplainedError, "code" | "message" | "remedy"> {
  return { code, message, remedy };
}

type Facts = RunFacts & { run: string };

const OF_RUNS: Record<RunErrorCode, (facts: Facts) => string> = {
  run_not_found: ({ near }) =>
    near === undefined
      ? "start it again"
      : near.length > 0
        ? `the newest runs are ${near.join(", ")}; \`bulkpatch runs\` lists them all`
        : "there are no runs here yet; `bulkpatch run FILE` starts one",
  run_busy: ({ run }) => `\`bulkpatch status ${run} --watch\` shows how far it is; stop that process to do it here`,
  run_taken_over: ({ run }) => `\`bulkpatch status ${run} --watch\` shows how far it is`,
  entries_busy: ({ run }) =>
    `let it end first (\`bulkpatch resume ${run}\`, \`bulkpatch cancel ${run}\`), or add --anyway: then whichever is sent last counts`,
  backend_evicts: () =>
    "set maxmemory-policy noeviction there (redis-cli CONFIG SET maxmemory-policy noeviction), or add --allow-eviction",
  wrong_account: () => "set CLOUDFLARE_ACCOUNT_ID (and the token) of that account",
  safety_limit: ({ run, changes }) =>
    `look at \`bulkpatch report ${run}\`, then \`bulkpatch resume ${run} --max-changes ${changes}\` or \`bulkpatch cancel ${run}\``,
  source_changed: ({ run }) => `put the file back as it was, or \`bulkpatch cancel ${run}\` and start a new run`,
  source_gone: ({ run }) => `\`bulkpatch cancel ${run}\`, then start a new run from the same data`,
  nothing_to_retry: ({ run }) =>
    `rows that were refused before they were sent are in failed.csv (\`bulkpatch report ${run} --format failed\`): mend them there and run that file`,
  nothing_to_undo: seeReport,
  no_old_values: () => "put them back from an export that was made before, if there is one",
  run_planning: ({ run }) => `wait until its rows are recorded, or \`bulkpatch cancel ${run}\` ends it`,
  run_queueing: waitOrPause,
  run_running: waitOrPause,
  run_pausing: ({ run }) => `\`bulkpatch status ${run} --watch\` tells when it rests`,
  run_paused: goOnOrEnd,
  run_halted: goOnOrEnd,
  run_interrupted: goOnOrEnd,
  run_cancelling: ({ run }) => `\`bulkpatch status ${run} --watch\` tells when it has ended`,
  run_cancelled: seeReport,
  run_finished: seeReport,
};

const OF_SCHEDULES: Record<ScheduleErrorCode, (facts: ScheduleFacts) => string> = {
  schedule_not_found: ({ names = [] }) =>
    names.length === 0
      ? "there are none yet; `bulkpatch schedule add` makes one"
      : `there are ${names.slice(0, 10).join(", ")}${names.length > 10 ? ", …" : ""}`,
  schedule_newer: () => "update bulkpatch on this machine",
  schedule_exists: () => "give it another name, or change that one with --replace",
  wrong_account: () => "give this one another name",
  already_asked: () => "wait for it; `bulkpatch schedule run-due` carries it out where nobody keeps the schedules",
  not_held: seeSchedule,
  no_plan: ({ schedule }) =>
    `put the list right, and the next occasion goes on by itself (\`bulkpatch schedule run-now ${schedule}\` looks at once)`,
  digest_changed: ({ schedule }) =>
    `look at \`bulkpatch schedule show ${schedule}\` again, and decide on the plan that is held now`,
  date_over: () => "name a later date with --until",
  nothing_differs: ({ schedule, email }) => `see \`bulkpatch schedule explain ${schedule} --email ${email}\``,
};

const OF_SETTINGS: Record<SettingsErrorCode, string> = {
  bad_name: "name it like hr-nightly or finance",
  bad_cron: 'write it like --cron "0 3 * * *" (every night at three)',
  cron_never: "name a day that its month has with --cron",
  bad_time_zone: "write it like --tz Europe/Berlin or --tz UTC",
  bad_not_during:
    'write it like --not-during "mon-fri 08:00-18:00", "sat,sun", "day 28-31" or "2026-12-20..2027-01-06"',
  address_not_https: "use https",
  contradiction: "leave one of the two out",
};

const OF_PLAN_FILES: Record<PlanFileErrorCode, (facts: PlanErrorFacts) => string> = {
  plan_file_unreadable: () => "name a file that `bulkpatch plan FILE --out plan.json` wrote, and that you may read",
  plan_file_form: () => "make one with `bulkpatch plan FILE --out plan.json`; a spreadsheet is run without --plan",
  plan_file_version: () => "run it with the version of bulkpatch that made it, or make the plan again",
  plan_file_altered: () =>
    "make the plan again with `bulkpatch plan FILE --out plan.json`; to change it, change its spreadsheet",
  plan_other_account: () =>
    "set CLOUDFLARE_ACCOUNT_ID (and the token) of that account, or make the plan again for this one",
  plan_carried_out: ({ run }) => `see \`bulkpatch status ${run}\`; to do it again, make the plan again`,
  plan_changed: () => "make the plan again, look at it, and run that",
};

function seeSchedule({ schedule }: ScheduleFacts): string {
  return `see \`bulkpatch schedule show ${schedule}\``;
}

function seeReport({ run }: Facts): string {
  return `see \`bulkpatch report ${run}\``;
}

function waitOrPause({ run }: Facts): string {
  return `wait for its end (\`bulkpatch status ${run} --watch\`), or \`bulkpatch pause ${run}\` first`;
}

function goOnOrEnd({ run }: Facts): string {
  return `\`bulkpatch resume ${run}\` goes on, \`bulkpatch cancel ${run}\` ends it`;
}

/** What to type next about a run that rests; null where there is nothing to do. */
export function nextCommand(run: Run): string | null {
  switch (run.state) {
    case "paused":
    case "interrupted":
    case "halted": {
      const reason = reasonOf(run);
      return reason === null ? `Go on with: bulkpatch resume ${run.id}` : AFTER[reason.code](run.id, reason.changes);
    }
    case "finished":
      return run.outcomes.failed > 0 ? `Try the failed rows again with: bulkpatch retry ${run.id}` : null;
    case "planning":
    case "queueing":
    case "running":
    case "pausing":
    case "cancelling":
    case "cancelled":
      return null;
  }
}

const goOn = (id: string): string => `Go on with: bulkpatch resume ${id}`;

const AFTER: Record<ReasonCode, (id: string, changes?: number) => string> = {
  asked: goOn,
  stopped: goOn,
  producer_gone: goOn,
  cut_off: goOn,
  credentials: (id) => `Find the cause with bulkpatch doctor, then go on with: bulkpatch resume ${id}`,
  safety_limit: (id, changes) =>
    `Look at bulkpatch report ${id}, then allow it with: bulkpatch resume ${id} --max-changes ${changes} (or bulkpatch cancel ${id})`,
  canary: (id) => `Send the other rows all the same with: bulkpatch resume ${id} (or end it: bulkpatch cancel ${id})`,
  same_error: (id) =>
    `Look at one of those rows, then go on with: bulkpatch resume ${id} (or end it: bulkpatch cancel ${id})`,
};
