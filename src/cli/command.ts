import { Command } from "commander";
import { type Config, loadConfig, readEnvironment, type SettingFlags } from "../config.ts";
import { InterruptedError, isExplained } from "../explained-error.ts";
import { HaltError } from "../registry/errors.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { RunError } from "../runs/run-error.ts";
import { remedyFor } from "./remedies.ts";
import { openTerminal, type Terminal } from "./terminal.ts";
import { startTracing } from "./trace.ts";
import { endWithUsage } from "./usage-end.ts";

/** Flags that every command takes. */
export interface CommonFlags {
  json?: boolean;
  backendUrl?: string;
  dataDir?: string;
  accountId?: string;
  baseUrl?: string;
  rate?: string;
  pace?: string;
  concurrency?: string;
  logLevel?: string;
  /** Of `serve`. */
  host?: string;
  port?: string;
}

/** A command's call: its arguments, its flags, the settings, and where its text goes. */
export interface Call<Flags> {
  flags: Flags & CommonFlags;
  config: Config;
  terminal: Terminal;
}

export interface CommandSpec<Flags> {
  /** As commander writes it, e.g. `status <run>`. */
  usage: string;
  summary: string;
  /** Whole command lines, each with what it does. */
  examples: [commandLine: string, does: string][];
  options?: (command: Command) => Command;
  /** Needs a token and an account id. */
  needsApi: boolean;
  /** Takes the flags about the API though it works without them. */
  takesApiFlags?: boolean;
  run: (args: string[], call: Call<Flags>) => Promise<ExitCode>;
}

/** Makes a command whose errors become one line and an exit code; the only place that ends the process. */
export function makeCommand<Flags>(spec: CommandSpec<Flags>): Command {
  const command = new Command(spec.usage.split(" ")[0])
    .description(spec.summary)
    .allowExcessArguments(false)
    .exitOverride((error) => endWithUsage(error, `bulkpatch ${spec.usage.split(" ")[0]}`));
  for (const argument of spec.usage.split(" ").slice(1)) command.argument(argument);
  spec.options?.(command);
  command
    .option("--json", "one JSON document on standard output; everything else on standard error")
    .option("--backend-url <url>", "embedded, redis://… or postgres://… (BULKPATCH_BACKEND_URL)")
    .option("--data-dir <folder>", "where the embedded backend lives (BULKPATCH_DATA_DIR, default ~/.bulkpatch)")
    .option("--log-level <level>", "silent, error, warn, info, debug (BULKPATCH_LOG_LEVEL)");
  if (spec.needsApi || spec.takesApiFlags) {
    command
      .option("--account-id <id>", "Cloudflare account (CLOUDFLARE_ACCOUNT_ID)")
      .option("--base-url <url>", "address of the API (CLOUDFLARE_BASE_URL)")
      .option("--rate <limit/window>", "requests that may be made in a window (BULKPATCH_RATE, default 1140/5m)")
      .option(
        "--pace <pace>",
        "fast: as fast as what is left of it allows; even: spread over the window (BULKPATCH_PACE, default fast)",
      )
      .option("--concurrency <n>", "entries updated at a time by this process (BULKPATCH_CONCURRENCY, default 8)");
  }
  command.addHelpText(
    "after",
    `\nExamples:\n${spec.examples.map(([line, does]) => `  ${line}\n      ${does}`).join("\n")}`,
  );
  command.action(async (...all: unknown[]) => {
    const flags = command.opts<Flags & CommonFlags>();
    const args = all.slice(0, -2).filter((value): value is string => typeof value === "string");
    const terminal = openTerminal(flags.json === true);
    try {
      const config = loadConfig({ flags: settingsIn(flags), cwd: process.cwd(), needsApi: spec.needsApi });
      const warn = (warning: string): void => terminal.note(`${terminal.style("yellow", "warning:")} ${warning}`);
      config.warnings.forEach(warn);
      const stopTracing = await startTracing(spec.needsApi ? readEnvironment : () => undefined, warn);
      try {
        process.exitCode = await spec.run(args, { flags, config, terminal });
      } finally {
        await stopTracing();
      }
    } catch (error) {
      process.exitCode = report(error, terminal);
    }
  });
  return command;
}

/** Wrong flags or arguments. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage";
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** The settings that were given as flags. */
export function settingsIn(flags: CommonFlags): SettingFlags {
  return {
    CLOUDFLARE_ACCOUNT_ID: flags.accountId,
    CLOUDFLARE_BASE_URL: flags.baseUrl,
    BULKPATCH_BACKEND_URL: flags.backendUrl,
    BULKPATCH_DATA_DIR: flags.dataDir,
    BULKPATCH_RATE: flags.rate,
    BULKPATCH_PACE: flags.pace,
    BULKPATCH_CONCURRENCY: flags.concurrency,
    BULKPATCH_LOG_LEVEL: flags.logLevel,
    BULKPATCH_DASHBOARD_HOST: flags.host,
    BULKPATCH_DASHBOARD_PORT: flags.port,
  };
}

function report(error: unknown, terminal: Terminal): ExitCode {
  if ((error as NodeJS.ErrnoException | null)?.code === "EPIPE") return EXIT.done; // `bulkpatch … | head`
  const explained = explain(error);
  if (explained === null) {
    const { stack, message } = error instanceof Error ? error : { stack: undefined, message: String(error) };
    terminal.note(`${terminal.style("red", "bug:")} ${stack ?? message}`);
    terminal.printJson({ error: { code: "bug", message, remedy: "please report it, with the lines above" } });
    return EXIT.couldNot;
  }
  const kind = error instanceof InterruptedError ? "stopped:" : "error:";
  const { code, message, remedy } = explained;
  terminal.note(`${terminal.style("red", kind)} ${message}\n  ${terminal.style("dim", "→")} ${remedy}`);
  terminal.printJson({ error: { code, message, remedy } });
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof InterruptedError) return EXIT.interrupted;
  return error instanceof HaltError ? EXIT.halted : EXIT.couldNot;
}

/** What is shown of an error that a person can act on, with the command that gets further; null for our own bug. */
function explain(error: unknown): { code: string; message: string; remedy: string } | null {
  if (error instanceof RunError) return { code: error.code, message: error.message, remedy: remedyFor(error) };
  if (!isExplained(error)) return null;
  const { code, message, remedy } = error;
  const goesOn = error instanceof InterruptedError && error.run !== null;
  return { code, message, remedy: goesOn ? `\`bulkpatch resume ${error.run}\` goes on` : remedy };
}
