import {
  approveSchedule,
  type Asking,
  pauseSchedule,
  rejectSchedule,
  removeSchedule,
  resumeSchedule,
} from "../../schedules/control-schedule.ts";
import { decodeOccasion } from "../../schedules/occasion.ts";
import type { Schedule } from "../../schedules/schedule.ts";
import type { ScheduleStore } from "../../schedules/schedule-store.ts";
import { scheduleView } from "../../schedules/view.ts";
import { makeCommand, UsageError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { withSession } from "../session.ts";
import { scheduleLine, tellWhoKeeps } from "../show-schedule.ts";

interface DigestFlags {
  digest?: string;
}

export const schedulePauseCommand = controlCommand({
  name: "pause",
  summary: "carry out nothing until it is resumed; each occasion is recorded as skipped",
  example: "a run that is at work goes on",
  ask: (store, name, asking) => pauseSchedule(store, name, asking),
});

export const scheduleResumeCommand = controlCommand({
  name: "resume",
  summary: "go on from now; nothing of the pause is caught up",
  example: "the next occasion is the next one to come",
  ask: (store, name, asking) => resumeSchedule(store, name, asking),
});

export const scheduleApproveCommand = controlCommand({
  name: "approve",
  summary: "let exactly the plan that is held through, once",
  example: "the digest is in `schedule show`; a plan that has changed since is held again",
  flag: "--digest 3f2a9c41d07e",
  ask: (store, name, asking, { digest }) => approveSchedule(store, name, digestOf(digest), asking),
});

export const scheduleRejectCommand = controlCommand({
  name: "reject",
  summary: "drop the plan that is held",
  example: "the schedule goes on, and holds what trips a limit again",
  flag: "--digest 3f2a9c41d07e",
  ask: (store, name, asking, { digest }) => rejectSchedule(store, name, digestOf(digest), asking),
});

export const scheduleRemoveCommand = makeCommand({
  usage: "remove <name>",
  summary: "forget a schedule with its occasions; a run that is at work goes on",
  examples: [["bulkpatch schedule remove hr", "the registry stays as it is"]],
  needsApi: false,
  run: async ([name], { config, terminal }) => {
    await withSession(config, terminal, async ({ backend }) => {
      await removeSchedule(backend.schedules, name!);
      terminal.print(`Schedule ${name} was removed.`);
      terminal.printJson({ removed: name });
    });
    return EXIT.done;
  },
});

interface Control {
  name: string;
  summary: string;
  example: string;
  /** With a digest, shown in the example. */
  flag?: string;
  ask: (store: ScheduleStore, name: string, asking: Asking, flags: DigestFlags) => Promise<Schedule>;
}

function controlCommand({ name, summary, example, flag, ask }: Control) {
  return makeCommand<DigestFlags>({
    usage: `${name} <name>`,
    summary,
    examples: [[`bulkpatch schedule ${name} hr${flag === undefined ? "" : ` ${flag}`}`, example]],
    options: (command) =>
      flag === undefined ? command : command.option("--digest <digest>", "of the plan; its first 12 digits are enough"),
    needsApi: false,
    takesApiFlags: true,
    run: async ([schedule], { flags, config, terminal }) => {
      await withSession(config, terminal, async ({ backend, by }) => {
        const now = Date.now();
        const changed = await ask(backend.schedules, schedule!, { by, now }, flags);
        const [last] = await backend.schedules.occasions(changed.name, 1);
        const view = scheduleView(changed, last ? decodeOccasion(last) : null, now);
        terminal.print(scheduleLine(view));
        if (name === "approve") {
          terminal.print("It is carried out as soon as somebody keeps the schedules, if the plan is still the same.");
          await tellWhoKeeps(backend, config, terminal);
        }
        terminal.printJson(view);
      });
      return EXIT.done;
    },
  });
}

function digestOf(digest: string | undefined): string {
  if (digest !== undefined) return digest;
  throw new UsageError("--digest is missing: a decision is about one plan", "`bulkpatch schedule show NAME` tells it");
}
