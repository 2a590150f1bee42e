import { type AnswerHeaders, parseRateHeaders } from "../budget/rate-headers.ts";
import type { ApiSettings, ReadConfig } from "../config.ts";
import { isExplained } from "../explained-error.ts";
import { NO_PROXIES, proxyFor } from "../proxy.ts";
import { type Rate, renderRate } from "../rate.ts";
import { RefusedError } from "../registry/errors.ts";
import type { Registry } from "../registry/open-registry.ts";
import { countOf } from "../wording.ts";

/** What a check found, for a line of a table, a page or a document. */
export interface Finding {
  /** The check's title, one word. */
  check: string;
  ok: boolean;
  says: string;
  /** What to do, where it is not ok or deserves a look. */
  remedy: string | null;
}

/** What is known of a backend that was opened. */
export interface SeenBackend {
  kind: string;
  /** Without a password. */
  address: string;
  /** Worker processes alive; null where there are none apart from the command. */
  workers: number | null;
  warnings: readonly string[];
}

/** An id that no entry has: changing it changes nothing, but tells whether the token might. */
const NOBODY = "00000000-0000-4000-8000-000000000000";
const CLOCK_TOLERANCE_MS = 60_000;

/** Whether the settings are complete, those that a call to the API needs included. */
export function checkSettings({ config, error }: Pick<ReadConfig, "config" | "error">): Finding {
  if (error !== null) {
    const remedy = "set them in the environment, or in a file `.env` here";
    return { check: "settings", ok: false, says: error.message, remedy };
  }
  const says = `complete; account ${config.api!.accountId}, API ${config.api!.baseUrl}`;
  return { check: "settings", ok: true, says, remedy: config.warnings.join("; ") || null };
}

/** Whether the backend can be opened. `open` opens it and tells what is there. */
export async function checkBackend(open: () => Promise<SeenBackend>): Promise<Finding> {
  try {
    const { kind, address, workers, warnings } = await open();
    const alive = workers === null ? "" : `, ${countOf(workers, "worker process", "worker processes")} alive`;
    return { check: "backend", ok: true, says: `${kind} at ${address}${alive}`, remedy: warnings.join("; ") || null };
  } catch (error) {
    return failed("backend", error);
  }
}

/**
 * The proxy on the way, where there is one, token, clock, rate and permission, one finding after the other as each is known; the first that stands in the way of the others
 * ends them. Makes two requests and changes nothing.
 */
export async function* checkRegistry(
  registry: Pick<Registry, "connect">,
  api: Pick<ApiSettings, "baseUrl" | "proxy">,
  rate: Rate,
  now: () => number = Date.now,
): AsyncGenerator<Finding> {
  const proxy = proxyFor(api.baseUrl, api.proxy ?? NO_PROXIES);
  if (proxy !== null) {
    const remedy = "where it is reached directly, name its host in NO_PROXY";
    yield { check: "proxy", ok: true, says: `the API is reached through ${proxy}`, remedy };
  }
  let headers: AnswerHeaders = {};
  const client = registry.connect((info) => (headers = info.headers ?? headers), { urgent: true });
  try {
    const page = await client.listPage(1, 1);
    const entries = countOf(page.totalCount ?? page.results.length, "entry", "entries");
    const says = `accepted, and may read ${entries}; Email Security is part of the subscription`;
    yield { check: "token", ok: true, says, remedy: null };
    yield checkClock(headers, now());
    yield checkRate(headers, rate);
    yield await checkPermission(() => client.update(NOBODY, { comments: null }));
  } catch (error) {
    const finding = failed("token", error);
    yield { ...finding, says: `${finding.says} (asked ${api.baseUrl})` };
  } finally {
    await client.close();
  }
}

/** Whether the token may change entries. `change` asks for a change of an entry that does not exist: a refusal other than of the token is a yes. */
export async function checkPermission(change: () => Promise<unknown>): Promise<Finding> {
  try {
    await change();
  } catch (error) {
    if (!(error instanceof RefusedError)) return failed("permission", error);
  }
  return {
    check: "permission",
    ok: true,
    says: "the token may change entries (asked with an id that no entry has)",
    remedy: null,
  };
}

/** Whether this machine's clock agrees with the API's. `now`: epoch milliseconds. */
export function checkClock(headers: AnswerHeaders, now: number): Finding {
  const theirs = Date.parse(String(headers["date"]));
  if (Number.isNaN(theirs)) return { check: "clock", ok: true, says: "the API does not tell its time", remedy: null };
  const apartMs = Math.abs(theirs - now);
  if (apartMs < CLOCK_TOLERANCE_MS) return { check: "clock", ok: true, says: "agrees with the API's", remedy: null };
  return {
    check: "clock",
    ok: false,
    says: `is ${Math.round(apartMs / 1_000)} s apart from the API's, so times in reports would be wrong`,
    remedy: "set the clock of this machine (NTP)",
  };
}

/** Whether our rate is within the strictest limit that the API tells of. */
export function checkRate(headers: AnswerHeaders, rate: Rate): Finding {
  const ours = renderRate(rate);
  const policies = parseRateHeaders(headers).flatMap(({ quota, windowSeconds }) =>
    quota && windowSeconds ? [{ limit: quota, windowMs: windowSeconds * 1_000 }] : [],
  );
  const [policy] = policies.toSorted((a, b) => a.limit / a.windowMs - b.limit / b.windowMs);
  if (!policy) return { check: "rate", ok: true, says: `${ours}; the API does not tell its limit`, remedy: null };
  const ok = rate.limit / rate.windowMs <= policy.limit / policy.windowMs;
  return {
    check: "rate",
    ok,
    says: `${ours} is ${ok ? "within" : "more than"} the API's limit of ${renderRate(policy)}`,
    remedy: ok ? null : "set BULKPATCH_RATE to 95 % of the API's limit",
  };
}

/** Throws on what is no condition of this machine or of the API: our own bug. */
function failed(check: string, error: unknown): Finding {
  if (!isExplained(error)) throw error;
  return { check, ok: false, says: error.message, remedy: error.remedy };
}
