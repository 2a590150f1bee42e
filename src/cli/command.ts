import { Command } from "commander";
import { addCommonFlags, type CommonFlags } from "./common-flags.ts";
import type { Usage, Work } from "./usage.ts";
import { endWithUsage } from "./usage-end.ts";

/** Makes a command of its usage; what it does is loaded when it is called and all that was given is right. */
export function makeCommand<Flags, Wanted>(
  usage: Usage<Flags, Wanted>,
  load: () => Promise<Work<Usage<Flags, Wanted>>>,
): Command {
  const [name = "", ...takes] = usage.usage.split(" ");
  const command = new Command(name).description(usage.summary).allowExcessArguments(false);
  endWithUsage(command);
  for (const argument of takes) command.argument(argument);
  usage.options?.(command);
  addCommonFlags(command, { api: usage.needsApi || usage.takesApiFlags === true });
  command.addHelpText(
    "after",
    `\nExamples:\n${usage.examples.map(([line, does]) => `  ${line}\n      ${does}`).join("\n")}`,
  );
  command.action(async (...all: unknown[]) => {
    const args = all.slice(0, -2).filter((value): value is string => typeof value === "string");
    const { callCommand } = await import("./call-command.ts");
    process.exitCode = await callCommand(usage, load, args, command.opts<Flags & CommonFlags>());
  });
  return command;
}
