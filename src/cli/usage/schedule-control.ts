import { defineUsage, type Usage } from "../usage.ts";
import { UsageError } from "../usage-error.ts";

export const schedulePauseUsage = controlUsage(
  "pause",
  "carry out nothing until it is resumed; each occasion is recorded as skipped",
  "a run that is at work goes on",
);

export const scheduleResumeUsage = controlUsage(
  "resume",
  "go on from now; nothing of the pause is caught up",
  "the next occasion is the next one to come",
);

export const scheduleApproveUsage = decisionUsage(
  "approve",
  "let exactly the plan that is held through, once",
  "the digest is in `schedule show`; a plan that has changed since is held again",
);

export const scheduleRejectUsage = decisionUsage(
  "reject",
  "drop the plan that is held",
  "the schedule goes on, and holds what trips a limit again",
);

export const scheduleRemoveUsage = defineUsage({
  usage: "remove <name>",
  summary: "forget a schedule with its occasions; a run that is at work goes on",
  examples: [["bulkpatch schedule remove hr", "the registry stays as it is"]],
  needsApi: false,
  read: ([name]) => ({ name: name! }),
});

function controlUsage(name: string, summary: string, example: string): Usage<unknown, { name: string }> {
  return defineUsage({
    usage: `${name} <name>`,
    summary,
    examples: [[`bulkpatch schedule ${name} hr`, example]],
    needsApi: false,
    takesApiFlags: true,
    read: ([schedule]) => ({ name: schedule! }),
  });
}

/** About one plan, which its digest names. */
function decisionUsage(
  name: string,
  summary: string,
  example: string,
): Usage<{ digest?: string }, { name: string; digest: string }> {
  return defineUsage({
    usage: `${name} <name>`,
    summary,
    examples: [[`bulkpatch schedule ${name} hr --digest 3f2a9c41d07e`, example]],
    options: (command) => command.option("--digest <digest>", "of the plan; its first 12 digits are enough"),
    needsApi: false,
    takesApiFlags: true,
    read: ([schedule], { digest }: { digest?: string }) => {
      if (digest !== undefined) return { name: schedule!, digest };
      throw new UsageError(
        "--digest is missing: a decision is about one plan",
        "`bulkpatch schedule show NAME` tells it",
      );
    },
  });
}
