import type { Backend } from "../../backends/backend.ts";
import { decodeOccasion, type Occasion } from "../../schedules/occasion.ts";
import { ScheduleError } from "../../schedules/schedule-error.ts";
import { findSchedule, tryToDecode } from "../../schedules/schedule.ts";
import { acceptedViews, occasionView, scheduleView } from "../../schedules/view.ts";
import { EXIT } from "../exit-codes.ts";
import { explainByCode } from "../remedies.ts";
import { withSession } from "../session.ts";
import { occasionLine, scheduleLine, showLeftOvers, showSchedule, tellWhoKeeps } from "../show-schedule.ts";
import type { scheduleListUsage, scheduleShowUsage, scheduleOccasionsUsage } from "../usage/schedule-look.ts";
import type { Work } from "../usage.ts";

const SHOWN = 10;

export const doScheduleList: Work<typeof scheduleListUsage> = async (_wanted, { config, terminal }) => {
  await withSession(config, terminal, async ({ backend }) => {
    const now = Date.now();
    const views = [];
    for (const kept of await backend.schedules.list()) {
      const schedule = tryToDecode(kept);
      if (schedule instanceof ScheduleError) {
        const { message, remedy } = explainByCode(schedule)!;
        terminal.warn(`${message}; ${remedy}`);
        continue;
      }
      const [last = null] = await occasionsOf(backend, kept.name, 1);
      views.push(scheduleView(schedule, last, now));
    }
    if (views.length === 0) terminal.print("There are no schedules yet; `bulkpatch schedule add` makes one.");
    for (const view of views) {
      terminal.print(scheduleLine(view));
      if (view.held) terminal.print(`  held: ${view.held.message}; see bulkpatch schedule show ${view.name}`);
    }
    if (views.length > 0) await tellWhoKeeps(backend, config, terminal);
    terminal.printJson({ schedules: views });
  });
  return EXIT.done;
};

export const doScheduleShow: Work<typeof scheduleShowUsage> = async ({ name }, { config, terminal }) => {
  await withSession(config, terminal, async ({ backend }) => {
    const now = Date.now();
    const { schedule } = await findSchedule(backend.schedules, name);
    const occasions = (await occasionsOf(backend, name, SHOWN)).map(occasionView);
    const [last = null] = await occasionsOf(backend, name, 1);
    const view = scheduleView(schedule, last, now);
    const accepted = acceptedViews(schedule, now);
    showSchedule(view, accepted, terminal);
    const planned = occasions.find(({ counts }) => counts !== null);
    if (planned) showLeftOvers(planned, terminal);
    if (occasions.length > 0) terminal.print(terminal.style("bold", "Occasions"));
    for (const occasion of occasions) terminal.print(`  ${occasionLine(occasion, view.time_zone)}`);
    terminal.printJson({ ...view, occasions, accepted });
  });
  return EXIT.done;
};

export const doScheduleOccasions: Work<typeof scheduleOccasionsUsage> = async (
  { name, limit },
  { config, terminal },
) => {
  await withSession(config, terminal, async ({ backend }) => {
    const { schedule } = await findSchedule(backend.schedules, name);
    const occasions = (await occasionsOf(backend, name, limit)).map(occasionView);
    if (occasions.length === 0) terminal.print("Nothing was due yet.");
    for (const occasion of occasions) terminal.print(occasionLine(occasion, schedule.settings.timeZone));
    terminal.printJson({ occasions });
  });
  return EXIT.done;
};

async function occasionsOf(backend: Backend, name: string, limit: number): Promise<Occasion[]> {
  return (await backend.schedules.occasions(name, limit)).map(decodeOccasion);
}
