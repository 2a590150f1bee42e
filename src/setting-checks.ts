import { isIP } from "node:net";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { PACES, parseRate } from "./rate.ts";
import { Secret } from "./secret.ts";
import type { SettingName } from "./setting-names.ts";

const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Of one setting. */
export interface SettingCheck {
  /** Its text in, its value out. */
  check: z.ZodType<unknown, string>;
  /** The text that stands for it where nothing is given, or where what is given is wrong; left out: none does. */
  otherwise?: string;
  /** For messages; left out: `otherwise`. */
  example?: string;
  /** Its value must not be repeated in a message. */
  isSecret?: boolean;
}

/** The value of a setting; undefined where nothing stands for it. */
export type Checked<N extends SettingName> =
  | z.output<(typeof SETTING_CHECKS)[N]["check"]>
  | ((typeof SETTING_CHECKS)[N] extends { otherwise: string } ? never : undefined);

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

const dashboardToken = {
  check: z
    .string()
    .regex(/^[\x21-\x7e]{16,1024}$/, "expected 16 or more characters without spaces")
    .transform((value) => new Secret(value)),
  example: "<16 or more random characters>",
  isSecret: true,
} as const;

/** `expected`: said of what is no number at all. */
function wholeNumber(expected: string, least: number, most: number) {
  return z
    .string()
    .regex(/^\d+$/, expected)
    .transform(Number)
    .pipe(z.number().min(least, `expected ${least} or more`).max(most, `expected ${most} or less`));
}

/** What each setting has to be, and its default. */
export const SETTING_CHECKS = {
  CLOUDFLARE_API_TOKEN: {
    check: z
      .string()
      .regex(/^(?!bearer\s)/i, `expected the token alone: leave out "Bearer", which is put before it when it is sent`)
      .regex(/^[\x21-\x7e]{8,1024}$/, "expected an API token: 8 or more characters without spaces")
      .transform((value) => new Secret(value)),
    example: "<API token with Cloud Email Security: Write>",
    isSecret: true,
  },
  CLOUDFLARE_ACCOUNT_ID: {
    check: z
      .string()
      .regex(/^[0-9a-f]{32}$/i, "expected 32 hexadecimal digits")
      .transform((value) => value.toLowerCase()),
    example: "0123456789abcdef0123456789abcdef",
  },
  CLOUDFLARE_BASE_URL: {
    check: z.string().transform((value, context) => {
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
    otherwise: "https://api.cloudflare.com/client/v4",
  },
  BULKPATCH_BACKEND_URL: {
    check: z.string().transform((value, context) => {
      if (value === "embedded") return null;
      if (/^(rediss?|postgres(ql)?):\/\//.test(value) && URL.canParse(value)) return value;
      context.addIssue({ code: "custom", message: "expected embedded, redis://…, rediss://… or postgres://…" });
      return z.NEVER;
    }),
    otherwise: "embedded",
    example: "redis://localhost:6379",
    isSecret: true,
  },
  BULKPATCH_DATA_DIR: {
    check: z.string().transform((value) => resolve(value.replace(/^~(?=\/|$)/, homedir()))),
    otherwise: "~/.bulkpatch",
  },
  BULKPATCH_RATE: {
    check: z.string().transform((value, context) => {
      try {
        return parseRate(value);
      } catch (error) {
        context.addIssue({ code: "custom", message: (error as Error).message });
        return z.NEVER;
      }
    }),
    otherwise: "1140/5m",
  },
  BULKPATCH_PACE: { check: z.enum(PACES, { error: `expected one of ${PACES.join(", ")}` }), otherwise: "fast" },
  BULKPATCH_CONCURRENCY: {
    check: wholeNumber("expected a whole number from 1 to 256", 1, 256),
    otherwise: "8",
  },
  BULKPATCH_LOG_LEVEL: {
    check: z.enum(LOG_LEVELS, { error: `expected one of ${LOG_LEVELS.join(", ")}` }),
    otherwise: "info",
  },
  BULKPATCH_KEEP_DAYS: {
    check: wholeNumber("expected a whole number of days", 1, 36_500),
    otherwise: "90",
  },
  BULKPATCH_WEBHOOK_SECRET: {
    check: z.string().transform((value, context) => {
      const keys = value.split(/\s+/).map((one) => /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(one)?.[1] ?? "");
      const lengths = keys.map((key) => Buffer.from(key, "base64").length);
      if (lengths.every((bytes) => bytes >= 24 && bytes <= 64)) return keys.map((key) => new Secret(key));
      context.addIssue({
        code: "custom",
        message: "expected whsec_ and the base64 of 24 to 64 bytes, or several of these with spaces between them",
      });
      return z.NEVER;
    }),
    example: "whsec_<output of: openssl rand -base64 32>",
    isSecret: true,
  },
  BULKPATCH_DASHBOARD_HOST: {
    check: z.string().regex(/^[\w.:-]+$/, "expected an IP address or a host name"),
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
    check: z.string().transform((value, context) => {
      const url = URL.canParse(value) ? new URL(value) : null;
      if (url?.protocol === "https:" && url.href === `${url.origin}/`) return url.origin;
      context.addIssue({ code: "custom", message: "expected an https address without a path" });
      return z.NEVER;
    }),
    example: "https://bulkpatch.corp.example",
  },
  BULKPATCH_DASHBOARD_PROXIES: {
    check: z.string().transform((value, context) => {
      const networks = value.split(",").map((part) => part.trim());
      if (networks.every((network) => isIP(network.replace(/\/\d{1,3}$/, "")) !== 0)) return networks;
      context.addIssue({ code: "custom", message: "expected IP addresses or networks, separated by commas" });
      return z.NEVER;
    }),
    example: "10.0.0.0/8",
  },
} as const satisfies Record<SettingName, SettingCheck>;
