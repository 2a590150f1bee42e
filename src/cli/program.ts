import { Command } from "commander";
import { VERSION } from "../version.ts";
import { COMMAND_LIST } from "./command-list.ts";
import { endWithUsage } from "./usage-end.ts";

/** The command line for these arguments: of its commands only the one that is asked for is loaded, the others are listed. */
export async function makeProgram(args: readonly string[]): Promise<Command> {
  const program = new Command("bulkpatch")
    .description("Bulk updates of a Cloudflare Email Security impersonation registry, from a spreadsheet.")
    .version(VERSION);
  endWithUsage(program);
  const words = args.filter((arg) => !arg.startsWith("-"));
  const asked = words[0] === "help" ? words[1] : words[0];
  for (const { name, takes, summary, load } of COMMAND_LIST) {
    if (name === asked) program.addCommand(await load());
    else program.command(`${name} ${takes}`).description(summary);
  }
  return program.addHelpText("after", AFTER_HELP);
}

const AFTER_HELP = `
Exit codes:
  0    done, nothing rejected or failed
  1    could not be done
  2    wrong flags or arguments
  3    done, but rows were rejected or failed
  4    halted or held
  5    differences found where none were expected
  130  interrupted

Start with:
  bulkpatch init               set token and account
  bulkpatch doctor             are the settings right?
  bulkpatch plan changes.csv   what would be done?
  bulkpatch run changes.csv    do it`;
