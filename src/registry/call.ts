import { setTimeout as delay } from "node:timers/promises";
import pRetry from "p-retry";
import type { Budget } from "../budget/budget.ts";
import { explainAnswer, explainNetworkError, headerOf, type FailedCall } from "./call-errors.ts";
import { HaltError, RefusedError, ThrottledError, TransientError } from "./errors.ts";
import type { HttpAnswer, Transport } from "./transport.ts";
import type { AnswerHeaders } from "../budget/rate-headers.ts";
import { type SpanFacts, traced } from "../tracing.ts";

/** A page of the registry, one entry, or a change of one. */
export type RequestKind = "list" | "get" | "patch";

/** One request that was sent, with how it was answered. */
export interface RequestInfo {
  kind: RequestKind;
  method: "GET" | "PATCH";
  /** Null where no whole answer came. */
  status: number | null;
  /** True for every request of a call but its first. */
  retry: boolean;
  /** Without the wait for a permit. */
  durationMs: number;
  /** Headers of the answer; null where none came. */
  headers: AnswerHeaders | null;
}

/** Tries of one call within seconds. */
export interface RetryOptions {
  /** Tries after the first, for what passes in seconds. Default 3. */
  retries: number;
  /** The pause before the first of them, default 500 ms; each later one is twice as long. */
  minDelayMs: number;
  /** Makes each pause up to twice as long by chance, so that processes don't come back together. Default true. */
  jitter: boolean;
}

export const DEFAULT_RETRIES: RetryOptions = { retries: 3, minDelayMs: 500, jitter: true };

const LONGEST_DELAY_MS = 10_000;

/** One call of the API, of as many requests as it takes. */
export interface Call<T> {
  kind: RequestKind;
  method: "GET" | "PATCH";
  path: string;
  body: string | null;
  /** For messages: `updating entry f174…`. */
  doing: string;
  /** What the call is to give, from the body of an answer with a status of success (2xx); null where the body is of no use. */
  parse(body: unknown, isEmpty: boolean): T | null;
  /** Sends one request, and none after it for what passes in seconds. Default false. */
  once?: boolean | undefined;
  /** Ends the waits (for a permit, between tries) and a GET at once. A PATCH that was sent is heard out: it may have been applied. */
  signal?: AbortSignal | undefined;
}

/** What a call gave, and what is worth keeping about the answer. */
export interface CallResult<T> {
  value: T;
  status: number;
  rayId: string | null;
  auditLogId: string | null;
  /** Requests made, refused and failed ones included. */
  attempts: number;
}

/** What all calls of a client share. */
export interface CallContext {
  transport: Transport;
  budget: Budget;
  retries: RetryOptions;
  token: string;
  /** Host and port of the API, for messages. */
  host: string;
  /** The proxy on the way, for messages; null: none. */
  proxy: string | null;
  onRequest: (info: RequestInfo) => void;
}

/**
 * Makes a call: a permit, a request, and again for what passes in seconds. Sending a PATCH again is safe, since the same
 * body twice gives the same entry. A 429 closes the budget for every process, and the call waits until it opens: that uses
 * up no try, however often it happens, because it says nothing about the row. Rejects with RefusedError, HaltError,
 * TransientError, or the signal's reason; an answer that says how the call ended is given also after the signal.
 */
export async function makeCall<T>(call: Call<T>, context: CallContext): Promise<CallResult<T>> {
  try {
    return await sendOnce(call, 1, context);
  } catch (error) {
    if (error instanceof RefusedError || error instanceof HaltError || !(error instanceof Error)) throw error;
    return await retryCall(call, context, error);
  }
}

/** Goes on with a call whose first request failed with `first`. */
async function retryCall<T>(call: Call<T>, context: CallContext, first: Error): Promise<CallResult<T>> {
  const { minDelayMs, jitter } = context.retries;
  const retries = call.once === true ? 0 : context.retries.retries;
  // Kept here because p-retry lets the signal win over what it was given.
  let final: { result: CallResult<T> } | { error: unknown } | null = null;
  const send = async (attempt: number): Promise<CallResult<T>> => {
    if (attempt === 1) throw first;
    try {
      const result = await sendOnce(call, attempt, context);
      final = { result };
      return result;
    } catch (error) {
      if (error instanceof RefusedError || error instanceof HaltError) final = { error };
      throw error;
    }
  };
  const tried = pRetry(send, {
    retries,
    minTimeout: minDelayMs,
    maxTimeout: LONGEST_DELAY_MS,
    randomize: jitter,
    signal: call.signal,
    shouldConsumeRetry: ({ error }) => !(error instanceof ThrottledError),
    shouldRetry: ({ error }) =>
      error instanceof ThrottledError ||
      (error instanceof TransientError && (error.retryAfterMs ?? 0) <= LONGEST_DELAY_MS),
    async onFailedAttempt({ error, retriesLeft, retryDelay }) {
      if (!(error instanceof TransientError) || retriesLeft === 0 || error.retryAfterMs === null) return;
      const longerMs = error.retryAfterMs - retryDelay;
      if (longerMs > 0 && error.retryAfterMs <= LONGEST_DELAY_MS)
        await delay(longerMs, undefined, { signal: call.signal });
    },
  });
  return await tried.catch((error: unknown) => {
    if (final === null) throw error;
    if ("error" in final) throw final.error;
    return final.result;
  });
}

async function sendOnce<T>(call: Call<T>, attempt: number, context: CallContext): Promise<CallResult<T>> {
  const { transport, budget, token, host, proxy, onRequest } = context;
  const { kind, method, path, body, doing, signal } = call;
  const permit = await traced("permit", {}, () => budget.take(signal));
  const failed: FailedCall = { doing, attempts: attempt, token, host, proxy };
  const startedAt = performance.now();
  const tell = (came: HttpAnswer | null) =>
    onRequest({
      kind,
      method,
      status: came?.status ?? null,
      retry: attempt > 1,
      durationMs: performance.now() - startedAt,
      headers: came?.headers ?? null,
    });

  let answer: HttpAnswer;
  try {
    const facts: SpanFacts = { "http.request.method": method };
    if (attempt > 1) facts["http.request.resend_count"] = attempt - 1;
    answer = await traced(kind === "list" ? "list" : method, facts, async (tellSpan) => {
      const came = await transport.send(method, path, body, method === "GET" ? signal : undefined);
      const rayId = headerOf(came.headers, "cf-ray");
      tellSpan({ "http.response.status_code": came.status, ...(rayId !== null && { "cloudflare.ray_id": rayId }) });
      return came;
    });
  } catch (error) {
    tell(null);
    if (method === "GET" && signal?.aborted === true) throw signal.reason;
    throw explainNetworkError(error, failed);
  } finally {
    budget.settle(permit);
  }
  tell(answer);
  if (answer.status !== 429) budget.observe(answer.headers, permit);
  const succeeded = answer.status >= 200 && answer.status < 300;
  const value = succeeded ? call.parse(answer.body, answer.isEmpty) : null;
  if (value !== null) {
    return {
      value,
      status: answer.status,
      rayId: headerOf(answer.headers, "cf-ray"),
      auditLogId: headerOf(answer.headers, "cf-auditlog-id"),
      attempts: attempt,
    };
  }
  const error = explainAnswer(answer, failed);
  if (error instanceof ThrottledError) await budget.throttled(error.retryAfterMs);
  throw error;
}
