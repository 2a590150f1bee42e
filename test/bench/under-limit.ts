import type { LimitSettings } from "../../src/demo/request-limit.ts";
import { commentOf } from "../runs/decided-rows.ts";
import { startStandIn } from "./stand-in.ts";
import type { Updates } from "./ways/updates.ts";

export interface LimitedWorld {
  limit: LimitSettings;
  /** There and back. */
  latency: { minMs: number; maxMs: number };
  /** Entries, each of which is to be updated. */
  rows: number;
}

/** What the server saw of updates under a limit. */
export interface Played {
  /** From the first request to the last. */
  seconds: number;
  /** Answers with 429. */
  throttled: number;
  /** Entries that were not updated in the end. */
  lost: number;
  /** The most requests in any stretch as long as the limit's window. */
  fullest: number;
  /** Epoch milliseconds. */
  arrivals: number[];
}

/** Sends an update for each entry of a stand-in of its own, in real time. */
export async function playUnderLimit(
  { limit, latency, rows }: LimitedWorld,
  concurrency: number,
  send: (updates: Updates) => Promise<unknown>,
): Promise<Played> {
  const api = await startStandIn({ entries: rows, settings: { limit, latency } });
  try {
    const ids = (await api.entries()).map(({ id }) => id);
    await send({ api, ids, commentOf, concurrency });
    const comments = new Map((await api.entries()).map((entry) => [entry.id, entry.comments]));
    const requests = await api.requests();
    return {
      seconds: (requests.at(-1)!.at - requests[0]!.at) / 1000,
      throttled: requests.filter(({ status }) => status === 429).length,
      lost: ids.filter((id, n) => comments.get(id) !== commentOf(n)).length,
      fullest: await api.mostInWindow(limit.windowMs),
      arrivals: requests.map(({ at }) => at),
    };
  } finally {
    await api.stop();
  }
}
