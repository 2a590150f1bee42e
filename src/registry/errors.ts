import type { ExplainedError } from "../explained-error.ts";

/** What is known about the answer that an error is about. */
export interface AnswerFacts {
  /** HTTP status; null where no answer came. */
  status: number | null;
  /** Cloudflare's own code, where the answer had one. */
  apiCode: number | null;
  /** `cf-ray`, for Cloudflare's support. */
  rayId: string | null;
  /** Requests made for the call, this one included. */
  attempts: number;
}

/** A call to the registry that failed. One class for each way to react; stopping through a signal rejects with its reason instead. */
abstract class CallError extends Error implements ExplainedError, AnswerFacts {
  readonly code: string;
  readonly remedy: string;
  readonly status: number | null;
  readonly apiCode: number | null;
  readonly rayId: string | null;
  readonly attempts: number;
  constructor(code: string, message: string, remedy: string, facts: AnswerFacts) {
    super(message);
    this.code = code;
    this.remedy = remedy;
    this.status = facts.status;
    this.apiCode = facts.apiCode;
    this.rayId = facts.rayId;
    this.attempts = facts.attempts;
  }
}

/** The API refused this one call, and would again. Others may succeed. */
export class RefusedError extends CallError {
  override readonly name = "RefusedError";
  /** There is no such entry. */
  readonly notFound: boolean;
  /** What the API said, without our own words; a stand-in where it said nothing. */
  readonly apiMessage: string;
  constructor(message: string, apiMessage: string, notFound: boolean, facts: AnswerFacts) {
    super(
      notFound ? "not_found" : "refused",
      message,
      notFound
        ? "check the id against an export of the registry"
        : "change what was sent as the API asks, then try again",
      facts,
    );
    this.notFound = notFound;
    this.apiMessage = apiMessage;
  }
}

/** Every further call would fail in the same way until somebody changes something: stop, and keep what was not tried. */
export class HaltError extends CallError {
  override readonly name = "HaltError";
}

const PASSES_BY_ITSELF = "it may pass by itself: try again in a few minutes";

/** It may pass by itself; the client's own tries are used up. */
export class TransientError extends CallError {
  override readonly name = "TransientError";
  /** How long the answer asked to wait; null where it did not. */
  readonly retryAfterMs: number | null;
  constructor(message: string, retryAfterMs: number | null, facts: AnswerFacts, remedy = PASSES_BY_ITSELF) {
    super("transient", message, remedy, facts);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Answered 429. Never leaves the client, which closes the budget and sends again once it opens. */
export class ThrottledError extends CallError {
  override readonly name = "ThrottledError";
  /** How long the answer asked to wait; null where it did not. */
  readonly retryAfterMs: number | null;
  constructor(retryAfterMs: number | null, facts: AnswerFacts) {
    super("throttled", "the account's rate limit was reached", "wait until it opens again", facts);
    this.retryAfterMs = retryAfterMs;
  }
}
