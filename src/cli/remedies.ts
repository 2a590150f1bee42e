import type { RunError, RunErrorCode, RunFacts } from "../runs/run-error.ts";
import { reasonOf } from "../runs/move-run.ts";
import type { ReasonCode, Run } from "../runs/run.ts";

/** The command that gets further, for what can't be done with a run. */
export function remedyFor({ code, facts }: Pick<RunError, "code" | "facts">): string {
  return REMEDIES[code]({ run: "RUN", ...facts });
}

type Facts = RunFacts & { run: string };

const REMEDIES: Record<RunErrorCode, (facts: Facts) => string> = {
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
