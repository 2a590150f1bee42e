import type { DemoApi } from "../../src/demo/demo-api.ts";
import { LIMIT } from "./stage.ts";

/** What arrived at the stand-in in a round. */
export interface Traffic {
  requests: number;
  /** PATCH calls beyond one for each entry. */
  repeated: number;
  /** The most requests that arrived in any window, as a share of the limit. */
  fullestWindow: number;
  /** Answers of 429 that nobody planned. */
  throttled: number;
}

/** `planned`: answers of 429 that the round asked for. */
export function trafficOf(api: DemoApi, planned = 0): Traffic {
  const patches = api.requests().filter(({ method }) => method === "PATCH");
  return {
    requests: api.requests().length,
    repeated: patches.length - new Set(patches.map(({ path }) => path)).size,
    fullestWindow: api.mostInWindow(LIMIT.windowMs) / LIMIT.requests,
    throttled: api.requests().filter(({ status }) => status === 429).length - planned,
  };
}

/** To a tenth. */
export function secondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 100) / 10;
}
