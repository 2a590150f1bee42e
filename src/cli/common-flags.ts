import type { Command } from "commander";
import type { SettingFlags } from "../config.ts";

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

export function addCommonFlags(command: Command, { api }: { api: boolean }): Command {
  command
    .optionsGroup("Options:")
    .option("--json", "one JSON document on standard output; everything else on standard error")
    .optionsGroup("Settings, for this command (elsewhere in the environment or .env):")
    .option("--backend-url <url>", "embedded, redis://… or postgres://… (BULKPATCH_BACKEND_URL)")
    .option("--data-dir <folder>", "where the embedded backend lives (BULKPATCH_DATA_DIR, default ~/.bulkpatch)")
    .option("--log-level <level>", "silent, error, warn, info, debug (BULKPATCH_LOG_LEVEL)");
  if (!api) return command;
  return command
    .option("--account-id <id>", "Cloudflare account (CLOUDFLARE_ACCOUNT_ID)")
    .option("--base-url <url>", "address of the API (CLOUDFLARE_BASE_URL)")
    .option("--rate <limit/window>", "requests that may be made in a window (BULKPATCH_RATE, default 1140/5m)")
    .option(
      "--pace <pace>",
      "fast: as fast as what is left of it allows; even: spread over the window (BULKPATCH_PACE, default fast)",
    )
    .option("--concurrency <n>", "entries updated at a time by this process (BULKPATCH_CONCURRENCY, default 8)");
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
