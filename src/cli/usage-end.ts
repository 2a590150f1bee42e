import type { CommanderError } from "commander";
import { EXIT } from "./exit-codes.ts";

/** For an `exitOverride`: what commander found wrong has been said on standard error; says what to do, and with `--json` all of it as the document. */
export function endWithUsage({ exitCode, message }: CommanderError, command: string): never {
  if (exitCode === 0) process.exit(EXIT.done);
  const remedy = `see ${command} --help`;
  process.stderr.write(`  → ${remedy}\n`);
  if (process.argv.includes("--json")) {
    const error = { code: "usage", message: message.replace(/^error: /, ""), remedy };
    process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  }
  process.exit(EXIT.usage);
}
