import { isIP } from "node:net";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { PACES, parseRate } from "./rate.ts";
import { Secret } from "./secret.ts";
import type { SettingName } from "./setting-names.ts";

const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Of one setting. */
export interface SettingCheck {
  /** Its text in, its value out. Throws an error that says what was expected. */
  check: (text: string) => unknown;
  /** The text that stands for it where nothing is given, or where what is given is wrong; left out: none does. */
  otherwise?: string;
  /** For messages; left out: `otherwise`. */
  example?: string;
  /** Its value must not be repeated in a message. */
  isSecret?: boolean;
}

/** The value of a setting; undefined where nothing stands for it. */
export type Checked<N extends SettingName> =
  | ReturnType<(typeof SETTING_CHECKS)[N]["check"]>
  | ((typeof SETTING_CHECKS)[N] extends { otherwise: string } ? never : undefined);

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

const dashboardToken = {
  check: (text: string) =>
    new Secret(matching(text, /^[\x21-\x7e]{16,1024}$/, "expected 16 or more characters without spaces")),
  example: "<16 or more random characters>",
  isSecret: true,
} as const;

/** `expected`: said of what is no number at all. */
function wholeNumber(expected: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(matching(text, /^\d+$/, expected));
    if (value < least) throw new Error(`expected ${least} or more`);
    if (value > most) throw new Error(`expected ${most} or less`);
    return value;
  };
}

function oneOf<T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((one) => one === text);
    if (value === undefined) throw new Error(`expected one of ${values.join(", ")}`);
    return value;
  };
}

function matching(text: string, pattern: RegExp, expected: string): string {
  if (!pattern.test(text)) throw new Error(expected);
  return text;
}

/** Null where the text is no address. */
function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** What each setting has to be, and its default. */
export const SETTING_CHECKS = {
  CLOUDFLARE_API_TOKEN: {
    check: (text) => {
      matching(
        text,
        /^(?!bearer\s)/i,
        `expected the token alone: leave out "Bearer", which is put before it when it is sent`,
      );
      return new Secret(
        matching(text, /^[\x21-\x7e]{8,1024}$/, "expected an API token: 8 or more characters without spaces"),
      );
    },
    example: "<API token with Cloud Email Security: Write>",
    isSecret: true,
  },
  CLOUDFLARE_ACCOUNT_ID: {
    check: (text) => matching(text, /^[0-9a-f]{32}$/i, "expected 32 hexadecimal digits").toLowerCase(),
    example: "0123456789abcdef0123456789abcdef",
  },
  CLOUDFLARE_BASE_URL: {
    check: (text) => {
      const url = parseUrl(text);
      if (
        url &&
        !url.username &&
        !url.search &&
        (url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname)))
      ) {
        return url.href.replace(/\/+$/, "");
      }
      throw new Error("expected an https address (http only on this machine)");
    },
    otherwise: "https://api.cloudflare.com/client/v4",
  },
  BULKPATCH_BACKEND_URL: {
    check: (text) => {
      if (text === "embedded") return null;
      if (/^(rediss?|postgres(ql)?):\/\//.test(text) && URL.canParse(text)) return text;
      throw new Error("expected embedded, redis://…, rediss://… or postgres://…");
    },
    otherwise: "embedded",
    example: "redis://localhost:6379",
    isSecret: true,
  },
  BULKPATCH_DATA_DIR: {
    check: (text) => resolve(text.replace(/^~(?=\/|$)/, homedir())),
    otherwise: "~/.bulkpatch",
  },
  BULKPATCH_RATE: {
    check: parseRate,
    otherwise: "1140/5m",
  },
  BULKPATCH_PACE: { check: oneOf(PACES), otherwise: "fast" },
  BULKPATCH_CONCURRENCY: {
    check: wholeNumber("expected a whole number from 1 to 256", 1, 256),
    otherwise: "8",
  },
  BULKPATCH_LOG_LEVEL: {
    check: oneOf(LOG_LEVELS),
    otherwise: "info",
  },
  BULKPATCH_KEEP_DAYS: {
    check: wholeNumber("expected a whole number of days", 1, 36_500),
    otherwise: "90",
  },
  BULKPATCH_WEBHOOK_SECRET: {
    check: (text) => {
      const keys = text.split(/\s+/).map((one) => /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(one)?.[1] ?? "");
      const lengths = keys.map((key) => Buffer.from(key, "base64").length);
      if (lengths.every((bytes) => bytes >= 24 && bytes <= 64)) return keys.map((key) => new Secret(key));
      throw new Error("expected whsec_ and the base64 of 24 to 64 bytes, or several of these with spaces between them");
    },
    example: "whsec_<output of: openssl rand -base64 32>",
    isSecret: true,
  },
  BULKPATCH_DASHBOARD_HOST: {
    check: (text) => matching(text, /^[\w.:-]+$/, "expected an IP address or a host name"),
    otherwise: "127.0.0.1",
    example: "0.0.0.0",
  },
  BULKPATCH_DASHBOARD_PORT: {
    check: wholeNumber("expected a port number", 0, 65_535),
    otherwise: "8787",
  },
  BULKPATCH_DASHBOARD_TOKEN: dashboardToken,
  BULKPATCH_DASHBOARD_VIEWER_TOKEN: dashboardToken,
  BULKPATCH_DASHBOARD_ORIGIN: {
    check: (text) => {
      const url = parseUrl(text);
      if (url?.protocol === "https:" && url.href === `${url.origin}/`) return url.origin;
      throw new Error("expected an https address without a path");
    },
    example: "https://bulkpatch.corp.example",
  },
  BULKPATCH_DASHBOARD_PROXIES: {
    check: (text) => {
      const networks = text.split(",").map((part) => part.trim());
      if (networks.every((network) => isIP(network.replace(/\/\d{1,3}$/, "")) !== 0)) return networks;
      throw new Error("expected IP addresses or networks, separated by commas");
    },
    example: "10.0.0.0/8",
  },
} as const satisfies Record<SettingName, SettingCheck>;
