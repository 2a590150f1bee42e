import { Command } from "commander";
import { EXIT } from "../exit-codes.ts";
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
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage));

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
