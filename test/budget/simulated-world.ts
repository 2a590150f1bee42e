import type { BudgetAsk } from "../../src/budget/exchange.ts";
import type { BudgetState } from "../../src/budget/budget-state.ts";
import { seededRandom } from "../../src/demo/random.ts";
import { createRequestLimit, renderRateHeaders, type LimitSettings } from "../../src/demo/request-limit.ts";
import { mostInWindow } from "../../src/demo/request-record.ts";
import { createBudget, type Budget } from "../../src/budget/budget.ts";
import { createMemoryBudgetState } from "./memory-budget.ts";
import { parseRate, type Pace } from "../../src/rate.ts";
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
  /** Requests to make in all; default: without end. */
  requests?: number;
  /** Into the server's window, or with so much of the stranger's behind it, default 0. */
  startAtMs?: number;
  /** The stranger's requests come by chance instead of evenly. */
  strangerByChance?: boolean;
  pace?: Pace;
}

export type Spender = "us" | "the stranger";

/** Processes that share a budget, the server that limits them, and a stranger, in virtual time. */
export interface World {
  clock: VirtualClock;
  budgets: Budget[];
  state: BudgetState;
  /** Arrivals of all processes at the server. */
  arrivals: { at: number; status: number }[];
  /** Calls to the shared state by name. */
  stateCalls: Record<"exchange" | "look" | "close", number>;
  /** The paces that were set for all processes; 0: lifted. */
  paces: { at: number; intervalMs: number }[];
  /** When the last request that was asked for had been answered; null: not yet. */
  doneAt(): number | null;
  /** Whose request went over the limit first; null: nobody's. */
  wentOver(): Spender | null;
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
  if (!options.strangerByChance) limit.setStranger(options.strangerPerSecond ?? 0, 0);
  const arrivals: World["arrivals"] = [];
  const stateCalls: World["stateCalls"] = { exchange: 0, look: 0, close: 0 };
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
    exchange: remote("exchange", (key: string, ask: BudgetAsk) => {
      if (ask.advice) paces.push({ at: clock.now(), intervalMs: ask.advice.slowMs });
      return memory.exchange(key, ask);
    }),
    look: (key: string) => memory.look(key),
    close: remote("close", (...args: Parameters<BudgetState["close"]>) => memory.close(...args)),
  };

  const budgets: Budget[] = [];
  let toSend = options.requests ?? Number.POSITIVE_INFINITY;
  let answered = 0;
  let doneAt: number | null = null;
  let over: Spender | null = null;

  async function sendAll(budget: Budget): Promise<void> {
    while (toSend-- > 0) {
      const permit = await budget.take();
      const there = (latency.minMs + random.next() * (latency.maxMs - latency.minMs)) / 2;
      await pass(there);
      if (limit.blockedForMs(clock.now()) > 0) over ??= "the stranger";
      const verdict = limit.arrive(clock.now());
      if (!verdict.allowed) over ??= "us";
      arrivals.push({ at: clock.now(), status: verdict.allowed ? 200 : 429 });
      const headers = random.chance(headerShare) ? withExtra(renderRateHeaders(limitSettings, verdict)) : {};
      await pass((latency.minMs + random.next() * (latency.maxMs - latency.minMs)) / 2);
      budget.settle(permit);
      if (++answered === options.requests) doneAt = clock.now();
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
      ...(options.pace && { pace: options.pace }),
      sleep: (ms, signal) => clock.sleep(ms + random.next() * timerLateMs, signal),
    });
    budgets.push(budget);
    for (let i = 0; i < concurrency; i++) void sendAll(budget);
  }
  async function comeByChance(perSecond: number): Promise<void> {
    for (;;) {
      await pass((-Math.log(1 - random.next()) * 1000) / perSecond);
      if (!limit.arrive(clock.now()).allowed) over ??= "the stranger";
    }
  }
  if (options.strangerByChance && options.strangerPerSecond) void comeByChance(options.strangerPerSecond);
  if (options.startAtMs) clock.after(options.startAtMs, start);
  else start();

  function start(): void {
    for (let i = 0; i < processes; i++) addProcess();
  }

  return {
    clock,
    budgets,
    state,
    arrivals,
    stateCalls,
    paces,
    run: (ms) => clock.runUntil(clock.now() + ms),
    addProcess,
    doneAt: () => doneAt,
    wentOver() {
      if (limit.blockedForMs(clock.now()) > 0) over ??= "the stranger";
      return over;
    },
    setStranger: (perSecond) => limit.setStranger(perSecond, clock.now()),
    strangerRequests: () => limit.strangerRequests(),
    throttled: () => arrivals.filter(({ status }) => status === 429).length,
    mostInWindow: () => mostInWindow(arrivals, limitSettings.windowMs),
    rateSince: (at) => (1000 * arrivals.filter((one) => one.at >= at).length) / (clock.now() - at),
  };
}
