import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { type ProxySettings, readProxySettings } from "./proxy.ts";
import { PACES, parseRate, type Pace, type Rate } from "./rate.ts";
import { Secret } from "./secret.ts";
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

export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Values given on the command line, by the names of the settings; they win over the environment, which wins over `.env`. */
export type SettingFlags = Partial<Record<SettingName, string | undefined>>;

interface Setting {
  name: SettingName;
  example: string;
}
const DEFAULTS = {
  baseUrl: "https://api.cloudflare.com/client/v4",
  rate: "1140/5m",
  pace: "fast",
  concurrency: 8,
  logLevel: "info",
  keepDays: 90,
  dashboardHost: "127.0.0.1",
  dashboardPort: 8787,
} as const;

/** All that is wrong with the settings, one line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "settings_invalid";
  readonly remedy =
    "set them in the environment or in a file `.env` here, then try again; `bulkpatch doctor` checks them";
  constructor(problems: string[]) {
    super(
      `${problems.length === 1 ? "a setting is" : `${problems.length} settings are`} missing or wrong:\n  ${problems.join("\n  ")}`,
    );
  }
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

const checks = {
  token: z
    .string()
    .regex(/^(?!bearer\s)/i, `expected the token alone: leave out "Bearer", which is put before it when it is sent`)
    .regex(/^[\x21-\x7e]{8,1024}$/, "expected an API token: 8 or more characters without spaces")
    .transform((value) => new Secret(value)),
  accountId: z
    .string()
    .regex(/^[0-9a-f]{32}$/i, "expected 32 hexadecimal digits")
    .transform((value) => value.toLowerCase()),
  baseUrl: z.string().transform((value, context) => {
    const url = URL.canParse(value) ? new URL(value) : null;
    if (
      url &&
      !url.username &&
      !url.search &&
      (url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname)))
    ) {
      return url.href.replace(/\/+$/, "");
    }
    context.addIssue({ code: "custom", message: "expected an https address (http only on this machine)" });
    return z.NEVER;
  }),
  backendUrl: z.string().transform((value, context) => {
    if (value === "embedded") return null;
    if (/^(rediss?|postgres(ql)?):\/\//.test(value) && URL.canParse(value)) return value;
    context.addIssue({ code: "custom", message: "expected embedded, redis://…, rediss://… or postgres://…" });
    return z.NEVER;
  }),
  dataDir: z.string().transform((value) => resolve(value.replace(/^~(?=\/|$)/, homedir()))),
  rate: z.string().transform((value, context) => {
    try {
      return parseRate(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
      return z.NEVER;
    }
  }),
  pace: z.enum(PACES, { error: `expected one of ${PACES.join(", ")}` }),
  concurrency: z
    .string()
    .regex(/^\d+$/, "expected a whole number from 1 to 256")
    .transform(Number)
    .pipe(z.number().min(1, "expected 1 or more").max(256, "expected 256 or less")),
  logLevel: z.enum(LOG_LEVELS, { error: `expected one of ${LOG_LEVELS.join(", ")}` }),
  keepDays: z
    .string()
    .regex(/^\d+$/, "expected a whole number of days")
    .transform(Number)
    .pipe(z.number().min(1, "expected 1 or more").max(36_500, "expected 36500 or less")),
  webhookSecrets: z.string().transform((value, context) => {
    const keys = value.split(/\s+/).map((one) => /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(one)?.[1] ?? "");
    const lengths = keys.map((key) => Buffer.from(key, "base64").length);
    if (lengths.every((bytes) => bytes >= 24 && bytes <= 64)) return keys.map((key) => new Secret(key));
    context.addIssue({
      code: "custom",
      message: "expected whsec_ and the base64 of 24 to 64 bytes, or several of these with spaces between them",
    });
    return z.NEVER;
  }),
  host: z.string().regex(/^[\w.:-]+$/, "expected an IP address or a host name"),
  port: z
    .string()
    .regex(/^\d+$/, "expected a port number")
    .transform(Number)
    .pipe(z.number().max(65_535, "expected 65535 or less")),
  dashboardToken: z
    .string()
    .regex(/^[\x21-\x7e]{16,1024}$/, "expected 16 or more characters without spaces")
    .transform((value) => new Secret(value)),
  origin: z.string().transform((value, context) => {
    const url = URL.canParse(value) ? new URL(value) : null;
    if (url?.protocol === "https:" && url.href === `${url.origin}/`) return url.origin;
    context.addIssue({ code: "custom", message: "expected an https address without a path" });
    return z.NEVER;
  }),
  proxies: z.string().transform((value, context) => {
    const networks = value.split(",").map((part) => part.trim());
    if (networks.every((network) => isIP(network.replace(/\/\d{1,3}$/, "")) !== 0)) return networks;
    context.addIssue({ code: "custom", message: "expected IP addresses or networks, separated by commas" });
    return z.NEVER;
  }),
};

/** Names whose value must not be repeated in a message. */
const SECRET_NAMES = new Set<SettingName>([
  "CLOUDFLARE_API_TOKEN",
  "BULKPATCH_BACKEND_URL",
  "BULKPATCH_WEBHOOK_SECRET",
  "BULKPATCH_DASHBOARD_TOKEN",
  "BULKPATCH_DASHBOARD_VIEWER_TOKEN",
]);

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

  function read<T>(setting: Setting, check: z.ZodType<T, string>, missing: T | "required"): T | undefined {
    const { name, example } = setting;
    const text = [flags[name], env[name], fromFile[name]].map((value) => value?.trim()).find((value) => value);
    if (text === undefined) {
      if (missing !== "required") return missing;
      problems.push(`${name} is not set, e.g. ${name}=${example}`);
      wrong.add(name);
      return undefined;
    }
    const checked = check.safeParse(text);
    if (checked.success) return checked.data;
    const found = SECRET_NAMES.has(name) ? "" : `, found "${text.slice(0, 80)}"`;
    problems.push(`${name}: ${checked.error.issues[0]?.message}${found}, e.g. ${name}=${example}`);
    wrong.add(name);
    return missing === "required" ? undefined : missing;
  }

  const token = read(
    { name: "CLOUDFLARE_API_TOKEN", example: "<API token with Cloud Email Security: Write>" },
    checks.token,
    needsApi ? "required" : (undefined as never),
  );
  const accountId = read(
    { name: "CLOUDFLARE_ACCOUNT_ID", example: "0123456789abcdef0123456789abcdef" },
    checks.accountId,
    needsApi ? "required" : (undefined as never),
  );
  const baseUrl = read({ name: "CLOUDFLARE_BASE_URL", example: DEFAULTS.baseUrl }, checks.baseUrl, DEFAULTS.baseUrl);
  const backendUrl = read(
    { name: "BULKPATCH_BACKEND_URL", example: "redis://localhost:6379" },
    checks.backendUrl,
    null,
  );
  const dataDir = read(
    { name: "BULKPATCH_DATA_DIR", example: "~/.bulkpatch" },
    checks.dataDir,
    join(homedir(), ".bulkpatch"),
  );
  const rate = read({ name: "BULKPATCH_RATE", example: DEFAULTS.rate }, checks.rate, parseRate(DEFAULTS.rate));
  const pace = read({ name: "BULKPATCH_PACE", example: DEFAULTS.pace }, checks.pace, DEFAULTS.pace);
  const concurrency = read(
    { name: "BULKPATCH_CONCURRENCY", example: String(DEFAULTS.concurrency) },
    checks.concurrency,
    DEFAULTS.concurrency,
  );
  const logLevel = read(
    { name: "BULKPATCH_LOG_LEVEL", example: DEFAULTS.logLevel },
    checks.logLevel,
    DEFAULTS.logLevel,
  );
  const keepDays = read(
    { name: "BULKPATCH_KEEP_DAYS", example: String(DEFAULTS.keepDays) },
    checks.keepDays,
    DEFAULTS.keepDays,
  );
  const dashboard: Partial<DashboardSettings> = {
    host: read({ name: "BULKPATCH_DASHBOARD_HOST", example: "0.0.0.0" }, checks.host, DEFAULTS.dashboardHost),
    port: read({ name: "BULKPATCH_DASHBOARD_PORT", example: "8787" }, checks.port, DEFAULTS.dashboardPort),
    token: read<Secret | null>(
      { name: "BULKPATCH_DASHBOARD_TOKEN", example: "<16 or more random characters>" },
      checks.dashboardToken,
      null,
    ),
    viewerToken: read<Secret | null>(
      { name: "BULKPATCH_DASHBOARD_VIEWER_TOKEN", example: "<16 or more random characters>" },
      checks.dashboardToken,
      null,
    ),
    origin: read<string | null>(
      { name: "BULKPATCH_DASHBOARD_ORIGIN", example: "https://bulkpatch.corp.example" },
      checks.origin,
      null,
    ),
    proxies: read({ name: "BULKPATCH_DASHBOARD_PROXIES", example: "10.0.0.0/8" }, checks.proxies, []),
  };
  const { token: operator, viewerToken: viewer } = dashboard;
  if (operator && operator.reveal() === viewer?.reveal()) {
    problems.push("BULKPATCH_DASHBOARD_VIEWER_TOKEN: expected another token than BULKPATCH_DASHBOARD_TOKEN");
  }
  const webhookSecrets = read(
    { name: "BULKPATCH_WEBHOOK_SECRET", example: "whsec_<output of: openssl rand -base64 32>" },
    checks.webhookSecrets,
    [],
  );

  const warnings = unknownSettings(env, fromFile);
  const tracing = readTracing({ ...fromFile, ...env }, (warning) => warnings.push(warning));
  const proxy = readProxySettings({ ...fromFile, ...env }, (problem) => problems.push(problem));

  const config: Config = Object.freeze({
    api:
      token && accountId && !wrong.has("CLOUDFLARE_BASE_URL") ? { token, accountId, baseUrl: baseUrl!, proxy } : null,
    backendUrl: backendUrl!,
    dataDir: dataDir!,
    rate: rate!,
    pace: pace!,
    concurrency: concurrency!,
    logLevel: logLevel!,
    keepDays: keepDays!,
    webhookSecrets: webhookSecrets!,
    dashboard: dashboard as DashboardSettings,
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
