import type { Logger } from "pino";
import type { AccessLog } from "./server.ts";

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
