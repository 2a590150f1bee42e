import { Command } from "commander";
import { makeCommand } from "./command.ts";
import { scheduleAddUsage } from "./usage/schedule-add.ts";
import {
  scheduleApproveUsage,
  schedulePauseUsage,
  scheduleRejectUsage,
  scheduleRemoveUsage,
  scheduleResumeUsage,
} from "./usage/schedule-control.ts";
import { scheduleAcceptUsage, scheduleExplainUsage } from "./usage/schedule-explain.ts";
import { scheduleListUsage, scheduleOccasionsUsage, scheduleShowUsage } from "./usage/schedule-look.ts";
import { scheduleRunDueUsage, scheduleRunNowUsage } from "./usage/schedule-run.ts";
import { endWithUsage } from "./usage-end.ts";

const look = async () => await import("./commands/schedule-look.ts");
const control = async () => await import("./commands/schedule-control.ts");
const run = async () => await import("./commands/schedule-run.ts");
const explain = async () => await import("./commands/schedule-explain.ts");

/** `schedule` with its own commands, in the order in which its help lists them. */
export function makeScheduleCommand(): Command {
  const command = endWithUsage(new Command("schedule").description("keep the registry equal to a list, at set times"));
  for (const one of [
    makeCommand(scheduleAddUsage, async () => (await import("./commands/schedule-add.ts")).doScheduleAdd),
    makeCommand(scheduleListUsage, async () => (await look()).doScheduleList),
    makeCommand(scheduleShowUsage, async () => (await look()).doScheduleShow),
    makeCommand(scheduleOccasionsUsage, async () => (await look()).doScheduleOccasions),
    makeCommand(schedulePauseUsage, async () => (await control()).doSchedulePause),
    makeCommand(scheduleResumeUsage, async () => (await control()).doScheduleResume),
    makeCommand(scheduleRemoveUsage, async () => (await control()).doScheduleRemove),
    makeCommand(scheduleRunNowUsage, async () => (await run()).doScheduleRunNow),
    makeCommand(scheduleRunDueUsage, async () => (await run()).doScheduleRunDue),
    makeCommand(scheduleApproveUsage, async () => (await control()).doScheduleApprove),
    makeCommand(scheduleRejectUsage, async () => (await control()).doScheduleReject),
    makeCommand(scheduleExplainUsage, async () => (await explain()).doScheduleExplain),
    makeCommand(scheduleAcceptUsage, async () => (await explain()).doScheduleAccept),
  ]) {
    command.addCommand(one);
  }
  return command;
}
