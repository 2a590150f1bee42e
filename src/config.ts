import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { type ProxySettings, readProxySettings } from "./proxy.ts";
import type { Pace, Rate } from "./rate.ts";
import type { Secret } from "./secret.ts";
import { type Checked, type LogLevel, SETTING_CHECKS, type SettingCheck } from "./setting-checks.ts";
import { readTracing, type TracingSettings } from "./tracing-settings.ts";
import { type SettingName, unknownSettings } from "./setting-names.ts";

/** Every setting, checked. The only place that reads the environment. */
export interface Config {
  /** Null where the command does not talk to Cloudflare and nothing was given. */
  api: ApiSettings | null;
  /** Null: the embedded backend in `dataDir`. */
  backendUrl: string | null;
  /** Absolute. Holds the embedded backend. */
  dataDir: string;
  rate: Rate;
  /** Whether requests follow each other as fast as what is left allows, or evenly. */
  pace: Pace;
  /** Entries that one process updates at a time, 1–256. */
  concurrency: number;
  logLevel: LogLevel;
  /** Days that finished runs are kept. */
  keepDays: number;
  /** What messages to webhooks are signed with, base64; several while they are being changed, none: they are not signed. */
  webhookSecrets: readonly Secret[];
  dashboard: DashboardSettings;
  /** Where spans go; null: nowhere. */
  tracing: TracingSettings | null;
  /** A line for each thing that looks like a setting and is none. */
  warnings: string[];
  /** Through which requests leave: HTTPS_PROXY, HTTP_PROXY, NO_PROXY. */
  proxy: ProxySettings;
}

export interface DashboardSettings {
  /** The address that `serve` listens on. */
  host: string;
  /** 0: a free one. */
  port: number;
  /** Null: one is made at each start. */
  token: Secret | null;
  /** Of those who may look and not act. */
  viewerToken: Secret | null;
  /** The https origin that it is reached under behind a proxy; null: it is reached directly. */
  origin: string | null;
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed. */
  proxies: string[];
}

export interface ApiSettings {
  token: Secret;
  accountId: string;
  /** Without a slash at the end. */
  baseUrl: string;
  /** Default: none. */
  proxy?: ProxySettings;
}

/** Values given on the command line, by the names of the settings; they win over the environment, which wins over `.env`. */
export type SettingFlags = Partial<Record<SettingName, string | undefined>>;

/** All that is wrong with the settings, one line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "settings_invalid";
  readonly remedy =
    "set them in the environment or in a file `.env` here, then try again; `bulkpatch init` asks for token and account, `bulkpatch doctor` checks all";
  constructor(problems: string[]) {
    super(
      `${problems.length === 1 ? "a setting is" : `${problems.length} settings are`} missing or wrong:\n  ${problems.join("\n  ")}`,
    );
  }
}

export interface LoadOptions {
  /** Default: the process's own environment. */
  env?: Record<string, string | undefined>;
  flags?: SettingFlags;
  /** Folder whose `.env` is read; null: none. */
  cwd: string | null;
  /** True for commands that talk to Cloudflare: token and account id must then be there. */
  needsApi: boolean;
}

/**
 * Reads flags, environment and `.env`, in this order of precedence, and checks every setting.
 * Throws one ConfigError that lists all problems, each with the setting's name and an example; never a secret's value.
 */
export function loadConfig(options: LoadOptions): Config {
  const { config, error } = readConfig(options);
  if (error !== null) throw error;
  return config;
}

/** Settings as far as they are right. */
export interface ReadConfig {
  /** With the default in place of what is wrong; `api` is null where one of its settings is. */
  config: Config;
  /** What `loadConfig` throws; null where all is right. */
  error: ConfigError | null;
  /** Those that are wrong, or missing and needed. */
  wrong: ReadonlySet<SettingName>;
}

/** As `loadConfig`, for who goes on with what is right. */
export function readConfig({ env = process.env, flags = {}, cwd, needsApi }: LoadOptions): ReadConfig {
  const problems: string[] = [];
  const wrong = new Set<SettingName>();
  const fromFile = cwd === null ? {} : readEnvFile(join(cwd, ".env"), problems);

  function read<N extends SettingName>(name: N, isRequired = false): Checked<N> {
    const { check, otherwise, example = otherwise, isSecret = false }: SettingCheck = SETTING_CHECKS[name];
    const without = (): Checked<N> => (otherwise === undefined ? undefined : check(otherwise)) as Checked<N>;
    const refuse = (problem: string): Checked<N> => {
      problems.push(`${problem}, e.g. ${name}=${example}`);
      wrong.add(name);
      return without();
    };
    const text = [flags[name], env[name], fromFile[name]].map((value) => value?.trim()).find((value) => value);
    if (text === undefined) return isRequired ? refuse(`${name} is not set`) : without();
    try {
      return check(text) as Checked<N>;
    } catch (error) {
      const found = isSecret ? "" : `, found "${text.slice(0, 80)}"`;
      return refuse(`${name}: ${(error as Error).message}${found}`);
    }
  }

  const token = read("CLOUDFLARE_API_TOKEN", needsApi);
  const accountId = read("CLOUDFLARE_ACCOUNT_ID", needsApi);
  const baseUrl = read("CLOUDFLARE_BASE_URL");
  const settings = {
    backendUrl: read("BULKPATCH_BACKEND_URL"),
    dataDir: read("BULKPATCH_DATA_DIR"),
    rate: read("BULKPATCH_RATE"),
    pace: read("BULKPATCH_PACE"),
    concurrency: read("BULKPATCH_CONCURRENCY"),
    logLevel: read("BULKPATCH_LOG_LEVEL"),
    keepDays: read("BULKPATCH_KEEP_DAYS"),
  };
  const dashboard: DashboardSettings = {
    host: read("BULKPATCH_DASHBOARD_HOST"),
    port: read("BULKPATCH_DASHBOARD_PORT"),
    token: read("BULKPATCH_DASHBOARD_TOKEN") ?? null,
    viewerToken: read("BULKPATCH_DASHBOARD_VIEWER_TOKEN") ?? null,
    origin: read("BULKPATCH_DASHBOARD_ORIGIN") ?? null,
    proxies: read("BULKPATCH_DASHBOARD_PROXIES") ?? [],
  };
  const { token: operator, viewerToken: viewer } = dashboard;
  if (operator && operator.reveal() === viewer?.reveal()) {
    problems.push("BULKPATCH_DASHBOARD_VIEWER_TOKEN: expected another token than BULKPATCH_DASHBOARD_TOKEN");
  }
  const webhookSecrets = read("BULKPATCH_WEBHOOK_SECRET") ?? [];

  const warnings = unknownSettings(env, fromFile);
  const tracing = readTracing({ ...fromFile, ...env }, (warning) => warnings.push(warning));
  const proxy = readProxySettings({ ...fromFile, ...env }, (problem) => problems.push(problem));

  const config: Config = Object.freeze({
    api: token && accountId && !wrong.has("CLOUDFLARE_BASE_URL") ? { token, accountId, baseUrl, proxy } : null,
    ...settings,
    webhookSecrets,
    dashboard,
    tracing,
    warnings,
    proxy,
  });
  return { config, error: problems.length > 0 ? new ConfigError([...problems, ...warnings]) : null, wrong };
}

/** What the environment says; empty counts as not set. */
export function readEnvironment(name: string): string | undefined {
  return process.env[name] || undefined;
}

/**
 * A secret that a schedule or a notification names (a list's token, a receiver's address): only its name is kept, and it is read
 * when it is needed, from the environment or the file `.env` in the folder in which the process was started.
 */
export function readSecretVariable(name: string): string | undefined {
  return readEnvironment(name) ?? (readEnvFile(".env", [])[name] || undefined);
}

function readEnvFile(path: string, problems: string[]): Record<string, string | undefined> {
  if (!existsSync(path)) return {};
  try {
    return parseEnv(readFileSync(path, "utf8"));
  } catch (error) {
    problems.push(`${path} can't be read: ${(error as Error).message}`);
    return {};
  }
}
