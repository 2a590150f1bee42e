import type { CommanderError } from "commander";
import { EXIT } from "./exit-codes.ts";

/** For an `exitOverride`: what commander found wrong has been said on standard error; with `--json` it is the document, too. */
export function endWithUsage({ exitCode, message }: CommanderError, command: string): never {
  if (exitCode === 0) process.exit(EXIT.done);
  if (process.argv.includes("--json")) {
    const error = { code: "usage", message: message.replace(/^error: /, ""), remedy: `see ${command} --help` };
    process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  }
  process.exit(EXIT.usage);
}
