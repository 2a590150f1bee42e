/** What to do about a failed call. */
export type Reaction =
  /** Send again after the pause that the answer asks for; it is nobody's fault. */
  | { kind: "throttled" }
  /** Send again in a moment. */
  | { kind: "transient" }
  /** Don't send this again; go on with the others. */
  | { kind: "refused"; notFound: boolean }
  /** Send nothing more. */
  | { kind: "halt"; because: HaltCause };

/** What has to be put right before any call can work. */
export type HaltCause = "token" | "permission" | "subscription" | "account" | "address" | "certificate" | "proxy";

/** An answer that is not a success, as far as it matters here. */
export interface FailedAnswer {
  status: number;
  /** All error codes of the envelope; null where the body is not an envelope. */
  codes: readonly number[] | null;
  /** All error messages of the envelope. */
  messages: readonly string[];
}

interface Rule {
  /** One status, or the first and the last of several. */
  status: number | [from: number, to: number];
  /** One of these codes; left out: any or none. */
  codes?: readonly number[];
  /** In one of the messages; left out: any or none. */
  says?: RegExp;
  /** Only answers that are (or are not) the API's envelope. */
  envelope?: boolean;
  reaction: Reaction;
}

/**
 * The first rule that fits decides. Sources: the API's documented answers; 6003, 6111 and 9106 are how it answers a request
 * whose Authorization header is malformed or missing. What fits no rule is transient: an outcome is never made up.
 */
const RULES: readonly Rule[] = [
  { status: 429, reaction: { kind: "throttled" } },
  { status: 401, reaction: { kind: "halt", because: "token" } },
  { status: 400, codes: [6003, 6111, 9106], reaction: { kind: "halt", because: "token" } },
  { status: 403, codes: [6003, 6111, 9106], reaction: { kind: "halt", because: "token" } },
  { status: 403, codes: [1000, 9109], reaction: { kind: "halt", because: "token" } },
  { status: 403, codes: [10000], reaction: { kind: "halt", because: "permission" } },
  {
    status: 403,
    says: /not available in the current subscription/i,
    reaction: { kind: "halt", because: "subscription" },
  },
  { status: 404, codes: [7003], reaction: { kind: "halt", because: "account" } },
  { status: 404, codes: [7000], reaction: { kind: "halt", because: "address" } },
  { status: 404, envelope: false, reaction: { kind: "halt", because: "address" } },
  { status: 404, reaction: { kind: "refused", notFound: true } },
  { status: 410, reaction: { kind: "refused", notFound: true } },
  { status: 408, reaction: { kind: "transient" } },
  { status: 425, reaction: { kind: "transient" } },
  { status: [400, 499], reaction: { kind: "refused", notFound: false } },
];

/** What is done about a failed answer. One that no rule fits is tried again. */
export function classify(answer: FailedAnswer): Reaction {
  return RULES.find((rule) => fits(rule, answer))?.reaction ?? { kind: "transient" };
}

function fits({ status, codes, says, envelope }: Rule, answer: FailedAnswer): boolean {
  const [from, to] = typeof status === "number" ? [status, status] : status;
  return (
    answer.status >= from &&
    answer.status <= to &&
    (envelope === undefined || envelope === (answer.codes !== null)) &&
    (codes === undefined || codes.some((code) => answer.codes?.includes(code) === true)) &&
    (says === undefined || answer.messages.some((message) => says.test(message)))
  );
}

/** Why everything stops, and what to do about it, in plain words. */
export const HALT_WORDS: Record<HaltCause, { code: string; reason: string; remedy: string }> = {
  token: {
    code: "token_refused",
    reason: "Cloudflare does not accept the API token: it is wrong, expired or revoked",
    remedy: "put a valid token in CLOUDFLARE_API_TOKEN, then try again",
  },
  permission: {
    code: "permission_missing",
    reason: "the API token may not do this: it is wrong, or lacks the permission for this account",
    remedy: "give the token the permission Cloud Email Security: Write for this account, then try again",
  },
  subscription: {
    code: "not_entitled",
    reason: "the account's subscription does not include Email Security",
    remedy: "check CLOUDFLARE_ACCOUNT_ID, or have Email Security added to the account, then try again",
  },
  account: {
    code: "account_unknown",
    reason: "Cloudflare does not know this account",
    remedy: "check CLOUDFLARE_ACCOUNT_ID (the dashboard shows it under Account home), then try again",
  },
  address: {
    code: "not_the_api",
    reason: "there is no impersonation registry at this address",
    remedy: "check CLOUDFLARE_BASE_URL, which normally is https://api.cloudflare.com/client/v4, then try again",
  },
  proxy: {
    code: "proxy_refused",
    reason: "the proxy does not let requests through to the API",
    remedy:
      "check HTTPS_PROXY (its user and password), or name the API's host in NO_PROXY where it is reached directly, then try again",
  },
  certificate: {
    code: "certificate_refused",
    reason: "the server's certificate can't be trusted",
    remedy:
      "check CLOUDFLARE_BASE_URL; where a proxy inspects traffic, name its certificate in NODE_EXTRA_CA_CERTS, then try again",
  },
};
