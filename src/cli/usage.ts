import type { Command } from "commander";
import type { Config } from "../config.ts";
import type { CommonFlags } from "./common-flags.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/**
 * How a command is used: its arguments, its flags, its help, and what makes of them what is wanted. Files in usage/ hold these and
 * load nothing large, so that help and a wrong flag are answered at once; what a command does is in commands/.
 */
export interface Usage<Flags, Wanted> {
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
  /** It is called with settings that are wrong, too: the others, and the defaults in their place. */
  despiteSettings?: boolean;
  /** Arguments and flags, checked. Throws UsageError. */
  read: (args: readonly string[], flags: Flags & CommonFlags, asking: Pick<Terminal, "canAsk">) => Wanted;
  /** Throws UsageError where the settings are right, and not for this command. */
  check?: (config: Config) => void;
}

/** The settings of a command's call, and where its text goes. */
export interface Call {
  /** Of those flags the ones that are settings. */
  flags: CommonFlags;
  config: Config;
  terminal: Terminal;
}

/** What a command does, by its usage. */
export type Work<U> =
  U extends Usage<infer _Flags, infer Wanted> ? (wanted: Wanted, call: Call) => Promise<ExitCode> : never;

/** Lets the types of flags and of what is wanted be read off `read`. */
export function defineUsage<Flags, Wanted>(usage: Usage<Flags, Wanted>): Usage<Flags, Wanted> {
  return usage;
}
