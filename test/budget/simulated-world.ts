import type { BudgetState } from "../../src/budget/budget-state.ts";
import { seededRandom } from "../../src/demo/random.ts";
import { createRequestLimit, renderRateHeaders, type LimitSettings } from "../../src/demo/request-limit.ts";
import { mostInWindow } from "../../src/demo/request-record.ts";
import { createBudget, type Budget } from "../../src/budget/budget.ts";
import { createMemoryBudgetState } from "../../src/budget/memory-budget.ts";
import { parseRate } from "../../src/rate.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";

export interface WorldOptions {
  /** What the processes are told, e.g. `1140/5m`. */
  rate: string;
  /** What the server enforces. */
  limit: LimitSettings;
  /** Default 1. */
  processes?: number;
  /** Requests that one process has under way, default 8. */
  concurrency?: number;
  /** There and back, default 30 to 90 ms. */
  latency?: { minMs: number; maxMs: number };
  /** Requests a second by somebody else, default 0. */
  strangerPerSecond?: number;
  /** Share of the answers that carry the headers, default 1. */
  headerShare?: number;
  /** Another item that every answer lists first. */
  extraItem?: { limit: string; policy: string };
  /** A call to the backend, there and back, default 1 ms. */
  backendMs?: number;
  /** Timers come late by up to this much, default 1 ms. */
  timerLateMs?: number;
  seed?: number;
}

/** Processes that share a budget, the server that limits them, and a stranger, in virtual time. */
export interface World {
  clock: VirtualClock;
  budgets: Budget[];
  state: BudgetState;
  /** Arrivals of all processes at the server. */
  arrivals: { at: number; status: number }[];
  /** Calls to the shared state by name. */
  stateCalls: Record<"reserve" | "look" | "close" | "slow", number>;
  /** The paces that were set for all processes; 0: lifted. */
  paces: { at: number; intervalMs: number }[];
  run(ms: number): Promise<void>;
  addProcess(): void;
  setStranger(perSecond: number): void;
  strangerRequests(): number;
  throttled(): number;
  mostInWindow(): number;
  /** Arrivals from a time on until now, a second. */
  rateSince(at: number): number;
}

export function createWorld(options: WorldOptions): World {
  const { rate, limit: limitSettings, processes = 1, concurrency = 8, headerShare = 1, extraItem } = options;
  const { latency = { minMs: 30, maxMs: 90 }, backendMs = 1, timerLateMs = 1, seed = 1 } = options;
  const clock = createVirtualClock();
  const random = seededRandom(seed);
  const limit = createRequestLimit(limitSettings, 0);
  limit.setStranger(options.strangerPerSecond ?? 0, 0);
  const arrivals: World["arrivals"] = [];
  const stateCalls: World["stateCalls"] = { reserve: 0, look: 0, close: 0, slow: 0 };
  const paces: World["paces"] = [];
  const memory = createMemoryBudgetState(() => clock.now());
  const pass = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));

  function remote<A extends unknown[], R>(name: keyof World["stateCalls"], call: (...args: A) => Promise<R>) {
    return async (...args: A): Promise<R> => {
      stateCalls[name]++;
      await pass(backendMs / 2);
      const result = await call(...args);
      await pass(backendMs / 2);
      return result;
    };
  }
  const state: BudgetState = {
    reserve: remote("reserve", (...args: Parameters<BudgetState["reserve"]>) => memory.reserve(...args)),
    look: remote("look", (key: string) => memory.look(key)),
    close: remote("close", (key: string, forMs: number) => memory.close(key, forMs)),
    slow: remote("slow", (key: string, intervalMs: number, forMs: number) => {
      paces.push({ at: clock.now(), intervalMs });
      return memory.slow(key, intervalMs, forMs);
    }),
  };

  const budgets: Budget[] = [];

  async function sendAll(budget: Budget): Promise<void> {
    for (;;) {
      const permit = await budget.take();
      const there = (latency.minMs + random.next() * (latency.maxMs - latency.minMs)) / 2;
      await pass(there);
      const verdict = limit.arrive(clock.now());
      arrivals.push({ at: clock.now(), status: verdict.allowed ? 200 : 429 });
      const headers = random.chance(headerShare) ? withExtra(renderRateHeaders(limitSettings, verdict)) : {};
      await pass((latency.minMs + random.next() * (latency.maxMs - latency.minMs)) / 2);
      if (verdict.allowed) budget.observe(headers, permit);
      else await budget.throttled(limitSettings.retryAfter ? Math.ceil(verdict.resetMs / 1000) * 1000 : null);
    }
  }

  function withExtra(headers: Record<string, string>): Record<string, string> {
    if (extraItem === undefined) return headers;
    return {
      ratelimit: `${extraItem.limit}, ${headers["ratelimit"]}`,
      "ratelimit-policy": `${extraItem.policy}, ${headers["ratelimit-policy"]}`,
    };
  }

  function addProcess(): void {
    const budget = createBudget({
      state,
      key: "token",
      ...parseRate(rate),
      now: () => clock.now(),
      sleep: (ms, signal) => clock.sleep(ms + random.next() * timerLateMs, signal),
    });
    budgets.push(budget);
    for (let i = 0; i < concurrency; i++) void sendAll(budget);
  }
  for (let i = 0; i < processes; i++) addProcess();

  return {
    clock,
    budgets,
    state,
    arrivals,
    stateCalls,
    paces,
    run: (ms) => clock.runUntil(clock.now() + ms),
    addProcess,
    setStranger: (perSecond) => limit.setStranger(perSecond, clock.now()),
    strangerRequests: () => limit.strangerRequests(),
    throttled: () => arrivals.filter(({ status }) => status === 429).length,
    mostInWindow: () => mostInWindow(arrivals, limitSettings.windowMs),
    rateSince: (at) => (1000 * arrivals.filter((one) => one.at >= at).length) / (clock.now() - at),
  };
}
