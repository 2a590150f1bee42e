import { classify, HALT_WORDS, type HaltCause } from "./classify.ts";
import { parseRefusal } from "./envelope.ts";
import { HaltError, RefusedError, ThrottledError, TransientError, type AnswerFacts } from "./errors.ts";
import type { HttpAnswer } from "./transport.ts";
import type { AnswerHeaders } from "../budget/rate-headers.ts";

/** How a call fails, by what is done about it. */
export type CallFailure = RefusedError | HaltError | TransientError | ThrottledError;

/** What a call was about, for the first words of a message: `updating entry f174…`. */
export interface FailedCall {
  doing: string;
  attempts: number;
  /** Taken out of whatever the server says. */
  token: string;
  /** Host and port of the API, for messages. */
  host: string;
  /** The proxy on the way; null: none. */
  proxy: string | null;
}

/** The error for an answer that is not what was asked for; a 2xx only comes here when its body is of no use. */
export function explainAnswer(answer: HttpAnswer, { doing, attempts, token }: FailedCall): CallFailure {
  const envelope = parseRefusal(answer.body);
  const facts: AnswerFacts = {
    status: answer.status,
    apiCode: envelope?.codes[0] ?? null,
    rayId: headerOf(answer.headers, "cf-ray"),
    attempts,
  };
  const said = printable(envelope?.messages.join("; ") ?? "", token);
  const where = `status ${answer.status}${facts.apiCode === null ? "" : `, code ${facts.apiCode}`}`;
  const reaction = classify({
    status: answer.status,
    codes: envelope?.codes ?? null,
    messages: envelope?.messages ?? [],
  });
  switch (reaction.kind) {
    case "throttled":
      return new ThrottledError(retryAfterMs(answer.headers), facts);
    case "halt":
      return halt(reaction.because, `${where}${said === "" ? "" : `: ${said}`}`, facts);
    case "refused": {
      const apiMessage = said === "" ? `refused with status ${answer.status}, without a reason` : said;
      const message = `${doing}: Cloudflare refused it (${where}): ${apiMessage}`;
      return new RefusedError(message, apiMessage, reaction.notFound, facts);
    }
    case "transient":
      break;
  }
  const found = said === "" ? describeBody(answer) : said;
  return new TransientError(`${doing}: ${where}, ${found}${tries(attempts)}`, retryAfterMs(answer.headers), facts);
}

/** The error for a request that got no whole answer. Keeps only the network's own words: no request, no headers. */
export function explainNetworkError(error: unknown, { doing, attempts, token, host, proxy }: FailedCall): CallFailure {
  const code = codeOf(error);
  const facts: AnswerFacts = { status: null, apiCode: null, rayId: null, attempts };
  const words =
    code === null ? undefined : ((proxy === null ? undefined : PROXY_WORDS[code]) ?? NETWORK_WORDS[code]?.(host));
  const found = words ?? printable(error instanceof Error ? error.message : String(error), token);
  const shown = code === null ? found : `${found} (${code})`;
  if (code !== null && CERTIFICATE_CODE.test(code)) return halt("certificate", shown, facts);
  const remedy = code !== null && NOT_REACHED.has(code) ? LOOK_AT_THE_WAY : undefined;
  if (proxy !== null && REFUSED_BY_PROXY.test(found)) return halt("proxy", `${proxy}: ${shown}`, facts);
  const through = proxy === null ? "" : ` through the proxy ${proxy}`;
  return new TransientError(`${doing}${through}: ${shown}${tries(attempts)}`, null, facts, remedy);
}

function halt(because: HaltCause, found: string, facts: AnswerFacts): HaltError {
  const { code, reason, remedy } = HALT_WORDS[because];
  return new HaltError(code, `${reason} (${found})`, remedy, facts);
}

const tries = (attempts: number) => (attempts > 1 ? `, after ${attempts} requests` : "");

type Words = (host: string) => string;
const isCut: Words = () => "the connection was cut";

const NETWORK_WORDS: Record<string, Words | undefined> = {
  ECONNREFUSED: (host) => `nothing answers at ${host}`,
  ENOTFOUND: (host) => `the name of ${host} can't be resolved`,
  EAI_AGAIN: (host) => `the name of ${host} can't be resolved at the moment`,
  ECONNRESET: isCut,
  EPIPE: isCut,
  ENETUNREACH: (host) => `no network leads to ${host}`,
  EHOSTUNREACH: (host) => `${host} is unreachable`,
  ETIMEDOUT: (host) => `the connection to ${host} timed out`,
  UND_ERR_SOCKET: isCut,
  UND_ERR_CONNECT_TIMEOUT: (host) => `no connection to ${host} in time`,
  UND_ERR_HEADERS_TIMEOUT: () => "no answer in time",
  UND_ERR_BODY_TIMEOUT: () => "the answer stopped half-way",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: () => "the answer broke off",
};

/** No connection came about: what stands in the way may be on this side. */
const NOT_REACHED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const LOOK_AT_THE_WAY =
  "check CLOUDFLARE_BASE_URL, where it is set, and whether this network needs a proxy (HTTPS_PROXY); else try again in a few minutes";

const PROXY_WORDS: Record<string, string | undefined> = {
  ECONNREFUSED: "nothing answers at the proxy's address",
  ENOTFOUND: "the proxy's name can't be resolved",
};

/** undici's words for a proxy that asks for another password, or does not let the request through. */
const REFUSED_BY_PROXY = /^Proxy response \((401|403|405|407)\)|^Proxy Authentication Required/;

const CERTIFICATE_CODE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS/;

function codeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : null;
}

function describeBody({ status, headers, body }: HttpAnswer): string {
  if (status >= 200 && status < 300 && body !== undefined) return "an answer without what was asked for";
  if (body !== undefined) return "an error without a message";
  return /html/i.test(headerOf(headers, "content-type") ?? "")
    ? "a web page instead of JSON"
    : "an answer that is not JSON";
}

/** The first value of a header, its name in small letters; null where there is none. */
export function headerOf(headers: AnswerHeaders, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** `retry-after` in whole seconds or as a date; null where there is none, or it is neither. */
function retryAfterMs(headers: AnswerHeaders): number | null {
  const text = headerOf(headers, "retry-after")?.trim() ?? "";
  if (/^\d{1,7}$/.test(text)) return Number(text) * 1000;
  const date = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}

const LONGEST_MESSAGE = 500;

/** A server's words as one printable line that holds no secret. */
function printable(text: string, token: string): string {
  const line = (token === "" ? text : text.replaceAll(token, "[token]")).replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE)}…` : line;
}
