import type { Command, CommanderError } from "commander";
import { EXIT } from "./exit-codes.ts";

/** Lets a command whose flags or arguments are wrong end as all errors do: one line, what to do, exit code 2. */
export function endWithUsage(command: Command): Command {
  return command
    .configureOutput({ outputError: (text, write) => write(inOneLine(text)) })
    .exitOverride((error) => end(error, `see ${calledAs(command)} --help`));
}

/** `bulkpatch schedule add` */
function calledAs(command: Command): string {
  return command.parent === null ? command.name() : `${calledAs(command.parent)} ${command.name()}`;
}

/** What commander found wrong has been said on standard error; says what to do, and with `--json` all of it as the document. */
function end({ code, exitCode, message }: CommanderError, remedy: string): never {
  if (exitCode === 0) process.exit(EXIT.done);
  const isHelp = code === "commander.help"; // no command was given, and all there are have been listed
  if (!isHelp) process.stderr.write(`  → ${remedy}\n`);
  if (process.argv.includes("--json")) {
    const found = isHelp ? "expected a command, found none" : inOneLine(message.replace(/^error: /, ""));
    const error = { code: "usage", message: found, remedy };
    process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  }
  process.exit(EXIT.usage);
}

/** commander has what was perhaps meant on a line of its own. */
function inOneLine(text: string): string {
  return text.replace("\n(Did you mean", " (did you mean");
}
