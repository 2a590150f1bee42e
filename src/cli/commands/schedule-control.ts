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
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { withSession } from "../session.ts";
import { scheduleLine, tellWhoKeeps } from "../show-schedule.ts";
import type {
  scheduleApproveUsage,
  schedulePauseUsage,
  scheduleRejectUsage,
  scheduleRemoveUsage,
  scheduleResumeUsage,
} from "../usage/schedule-control.ts";
import type { Call, Work } from "../usage.ts";

export const doSchedulePause: Work<typeof schedulePauseUsage> = async ({ name }, call) =>
  await control(call, (store, asking) => pauseSchedule(store, name, asking));

export const doScheduleResume: Work<typeof scheduleResumeUsage> = async ({ name }, call) =>
  await control(call, (store, asking) => resumeSchedule(store, name, asking));

export const doScheduleApprove: Work<typeof scheduleApproveUsage> = async ({ name, digest }, call) =>
  await control(call, (store, asking) => approveSchedule(store, name, digest, asking), { isApproved: true });

export const doScheduleReject: Work<typeof scheduleRejectUsage> = async ({ name, digest }, call) =>
  await control(call, (store, asking) => rejectSchedule(store, name, digest, asking));

export const doScheduleRemove: Work<typeof scheduleRemoveUsage> = async ({ name }, { config, terminal }) => {
  await withSession(config, terminal, async ({ backend }) => {
    await removeSchedule(backend.schedules, name);
    terminal.print(`Schedule ${name} was removed.`);
    terminal.printJson({ removed: name });
  });
  return EXIT.done;
};

async function control(
  { config, terminal }: Call,
  ask: (store: ScheduleStore, asking: Asking) => Promise<Schedule>,
  { isApproved = false } = {},
): Promise<ExitCode> {
  await withSession(config, terminal, async ({ backend, by }) => {
    const now = Date.now();
    const changed = await ask(backend.schedules, { by, now });
    const [last] = await backend.schedules.occasions(changed.name, 1);
    const view = scheduleView(changed, last ? decodeOccasion(last) : null, now);
    terminal.print(scheduleLine(view));
    if (isApproved) {
      terminal.print("It is carried out as soon as somebody keeps the schedules, if the plan is still the same.");
      await tellWhoKeeps(backend, config, terminal);
    }
    terminal.printJson(view);
  });
  return EXIT.done;
}
