import type { Logger } from "pino";

/** Told of every answer. Never of a query, a body or an address that nobody serves: they may hold e-mail addresses. */
export interface AccessLog {
  answered(facts: AnsweredRequest): void;
  /** What is our own fault, or the datastore's. */
  failed(error: Error, route: string): void;
}

export interface AnsweredRequest {
  method: string;
  /** As the route table has it, e.g. `/runs/:run`. */
  route: string;
  status: number;
  durationMs: number;
  /** `operator@192.0.2.7`; of strangers the address alone. */
  by: string;
}

/** A line for each request that did something or was refused; the others only at the level `debug`. */
export function makeAccessLog(log: Logger): AccessLog {
  return {
    answered: ({ durationMs, ...facts }) => {
      const line = { ...facts, durationMs: Math.round(durationMs) };
      if (facts.method === "GET" && facts.status < 400) log.debug(line, "request answered");
      else log.info(line, "request answered");
    },
    failed: (error, route) => log.error({ route, error: error.stack }, "a request failed by our own fault"),
  };
}
