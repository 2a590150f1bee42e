import type { RequestInfo } from "../src/registry/client.ts";
import type { RequestCounts } from "../src/runs/run.ts";
import { MINUTE_MS, statusClassOf, type TrafficCount } from "../src/runs/traffic.ts";

/** Counts the requests of one run in this process until they are added to its record. */
export class RequestTally {
  #counts = noRequests();
  #traffic = new Map<string, TrafficCount>();

  add({ kind, status, retry }: RequestInfo, at: number): void {
    this.#counts.total += 1;
    if (retry) this.#counts.retries += 1;
    if (status === 429) this.#counts.throttled += 1;
    const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    const answered = statusClassOf(status);
    const key = `${minute} ${kind} ${answered}`;
    const known = this.#traffic.get(key) ?? { minute, kind, status: answered, requests: 0 };
    known.requests += 1;
    this.#traffic.set(key, known);
  }

  /** What was counted since the last call; null for nothing. */
  take(): { counts: RequestCounts; traffic: TrafficCount[] } | null {
    if (this.#counts.total === 0) return null;
    const taken = { counts: this.#counts, traffic: [...this.#traffic.values()] };
    this.#counts = noRequests();
    this.#traffic = new Map();
    return taken;
  }
}

function noRequests(): RequestCounts {
  return { total: 0, retries: 0, throttled: 0 };
}
