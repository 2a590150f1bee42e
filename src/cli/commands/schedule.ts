import { Command } from "commander";
import { endWithUsage } from "../usage-end.ts";
import { scheduleAcceptCommand, scheduleExplainCommand } from "./schedule-explain.ts";
import { scheduleAddCommand } from "./schedule-add.ts";
import {
  scheduleApproveCommand,
  schedulePauseCommand,
  scheduleRejectCommand,
  scheduleRemoveCommand,
  scheduleResumeCommand,
} from "./schedule-control.ts";
import { scheduleListCommand, scheduleOccasionsCommand, scheduleShowCommand } from "./schedule-look.ts";
import { scheduleRunDueCommand, scheduleRunNowCommand } from "./schedule-run.ts";

export const scheduleCommand = new Command("schedule")
  .description("keep the registry equal to a list, at set times")
  .exitOverride((error) => endWithUsage(error, "bulkpatch schedule"));

for (const command of [
  scheduleAddCommand,
  scheduleListCommand,
  scheduleShowCommand,
  scheduleOccasionsCommand,
  schedulePauseCommand,
  scheduleResumeCommand,
  scheduleRemoveCommand,
  scheduleRunNowCommand,
  scheduleRunDueCommand,
  scheduleApproveCommand,
  scheduleRejectCommand,
  scheduleExplainCommand,
  scheduleAcceptCommand,
]) {
  scheduleCommand.addCommand(command);
}
