import type { Fault } from "./faults.ts";
import type { LimitSettings } from "./request-limit.ts";

/** How the stand-in refuses a call. */
export interface Refusal {
  status: number;
  /** Cloudflare's own error code. */
  code: number;
  message: string;
}

/** How the stand-in behaves. All of it can be changed while it runs. */
export interface DemoApiSettings {
  accountId: string;
  /** The only token that is let in. */
  token: string;
  /** The answer to any other token. */
  wrongToken: Refusal;
  /** The answer to every call, e.g. `REFUSALS.notEntitled`; null: none. */
  refuseAll: Refusal | null;
  /** The answer to every PATCH, e.g. `REFUSALS.noPermission` for a token that may only read; null: none. */
  refuseUpdates: Refusal | null;
  /** The answer to a PATCH of an entry that is synced from a directory. */
  syncedRefusal: Refusal;
  /** The most entries on one page. */
  maxPerPage: number;
  /** What happens when more are asked for: fewer are given (`cap`), or the call is refused with 400 (`refuse`). */
  overMaxPerPage: "cap" | "refuse";
  /** How many entries too few the listing counts. */
  countedShort: number;
  /** Ids of entries that the listing lacks; they can be read and changed all the same. */
  unlisted: readonly string[];
  /** The listing's `result_info` gives its numbers as text (`text`), or not at all (`absent`). */
  resultInfo: "numbers" | "text" | "absent";
  limit: LimitSettings | null;
  /** Requests a second that somebody else spends from the same limit. */
  strangerPerSecond: number;
  /** The share of answers that carry the `Ratelimit` headers, 0 to 1. */
  rateHeaderShare: number;
  /** The time on the way, there and back, for each request. */
  latency: { minMs: number; maxMs: number };
  /** The share of calls that meet a fault, and which; a kind that is named twice is met twice as often. */
  faults: { share: number; kinds: readonly Fault[] };
  /** While it is on, every call meets this fault. */
  outage: Fault | null;
}

/** Refusals as Cloudflare words them. */
export const REFUSALS = {
  invalidToken: { status: 401, code: 1000, message: "Invalid API Token" },
  expiredToken: { status: 403, code: 9109, message: "Invalid access token" },
  noPermission: { status: 403, code: 10000, message: "Authentication error" },
  notEntitled: {
    status: 403,
    code: 10403,
    message: "This feature is not available in the current subscription",
  },
} as const satisfies Record<string, Refusal>;

export const DEMO_ACCOUNT_ID = "023e105f4ecef8ad9ca31a8372d0c353";
const DEMO_TOKEN = "demo-token-that-opens-nothing-0123456789";

export const DEFAULT_SETTINGS: DemoApiSettings = {
  accountId: DEMO_ACCOUNT_ID,
  token: DEMO_TOKEN,
  wrongToken: REFUSALS.invalidToken,
  refuseAll: null,
  refuseUpdates: null,
  syncedRefusal: { status: 400, code: 10020, message: "Directory-synced entries can't be updated" },
  maxPerPage: 1000,
  overMaxPerPage: "refuse",
  countedShort: 0,
  unlisted: [],
  resultInfo: "numbers",
  limit: null,
  strangerPerSecond: 0,
  rateHeaderShare: 1,
  latency: { minMs: 0, maxMs: 0 },
  faults: { share: 0, kinds: ["500", "502", "503", "reset", "hang", "html", "cut-off", "broken-json"] },
  outage: null,
};
