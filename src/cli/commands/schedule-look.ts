import type { Backend } from "../../backends/backend.ts";
import { RequestError } from "../../explained-error.ts";
import { decodeOccasion, type Occasion } from "../../schedules/occasion.ts";
import { decodeSchedule, findSchedule } from "../../schedules/schedule.ts";
import { acceptedViews, occasionView, scheduleView } from "../../schedules/view.ts";
import { makeCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { wholeNumber } from "../read-flags.ts";
import { withSession } from "../session.ts";
import { occasionLine, scheduleLine, showLeftOvers, showSchedule, tellWhoKeeps } from "../show-schedule.ts";

const SHOWN = 10;

export const scheduleListCommand = makeCommand({
  usage: "list",
  summary: "what schedules there are, and how the last occasion of each ended",
  examples: [["bulkpatch schedule list", "one line each"]],
  needsApi: false,
  takesApiFlags: true,
  run: async (_args, { config, terminal }) => {
    await withSession(config, terminal, async ({ backend }) => {
      const now = Date.now();
      const views = [];
      for (const kept of await backend.schedules.list()) {
        try {
          const [last = null] = await occasionsOf(backend, kept.name, 1);
          views.push(scheduleView(decodeSchedule(kept).schedule, last, now));
        } catch (error) {
          if (!(error instanceof RequestError)) throw error;
          terminal.note(`${terminal.style("yellow", "warning:")} ${error.message}; ${error.remedy}`);
        }
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
  },
});

export const scheduleShowCommand = makeCommand({
  usage: "show <name>",
  summary: "all there is to say of a schedule: why it is held, what was accepted, its last occasions",
  examples: [["bulkpatch schedule show hr", "also what only the list, and only the registry, has"]],
  needsApi: false,
  run: async ([name], { config, terminal }) => {
    await withSession(config, terminal, async ({ backend }) => {
      const now = Date.now();
      const { schedule } = await findSchedule(backend.schedules, name!);
      const occasions = (await occasionsOf(backend, name!, SHOWN)).map(occasionView);
      const [last = null] = await occasionsOf(backend, name!, 1);
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
  },
});

export const scheduleOccasionsCommand = makeCommand<{ limit?: string }>({
  usage: "occasions <name>",
  summary: "each due time of a schedule, and what came of it, newest first",
  examples: [["bulkpatch schedule occasions hr --limit 100", "the last hundred"]],
  options: (command) => command.option("--limit <n>", "how many (default 20)"),
  needsApi: false,
  run: async ([name], { flags, config, terminal }) => {
    const limit = wholeNumber("--limit", flags.limit) ?? 20;
    await withSession(config, terminal, async ({ backend }) => {
      const { schedule } = await findSchedule(backend.schedules, name!);
      const occasions = (await occasionsOf(backend, name!, limit)).map(occasionView);
      if (occasions.length === 0) terminal.print("Nothing was due yet.");
      for (const occasion of occasions) terminal.print(occasionLine(occasion, schedule.settings.timeZone));
      terminal.printJson({ occasions });
    });
    return EXIT.done;
  },
});

async function occasionsOf(backend: Backend, name: string, limit: number): Promise<Occasion[]> {
  return (await backend.schedules.occasions(name, limit)).map(decodeOccasion);
}
