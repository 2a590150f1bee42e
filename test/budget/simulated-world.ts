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
  /** Each process stands still now and then, about once in a second, for up to so long. Default 0: never. */
  stallMs?: number;
  pace?: Pace;
}

/** When the stranger's next request arrives; the first is no sooner than one interval into the world. */
export function createStrangerTimes({ strangerPerSecond = 0, strangerByChance, seed = 1 }: WorldOptions): () => number {
  const random = seededRandom(seed ^ 0x57a6e4);
  const intervalMs = strangerPerSecond > 0 ? 1000 / strangerPerSecond : Number.POSITIVE_INFINITY;
  let at = 0;
  return () => (at += intervalMs * (strangerByChance ? -Math.log(1 - random.next()) : 1));
}

/** How long the requests take there and back, in the order in which they leave. */
export function createWays({ latency = LATENCY, seed = 1 }: WorldOptions): () => { thereMs: number; backMs: number } {
  const random = seededRandom(seed ^ 0x3a75);
  const halfMs = () => (latency.minMs + random.next() * (latency.maxMs - latency.minMs)) / 2;
  return () => ({ thereMs: halfMs(), backMs: halfMs() });
}

const LATENCY = { minMs: 30, maxMs: 90 };

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
  const { backendMs = 1, timerLateMs = 1, seed = 1 } = options;
  const clock = createVirtualClock();
  const random = seededRandom(seed);
  const nextWay = createWays(options);
  const limit = createRequestLimit(limitSettings, 0);
  if (!options.strangerByChance) limit.setStranger(options.strangerPerSecond ?? 0, 0);
  const arrivals: World["arrivals"] = [];
  const stateCalls: World["stateCalls"] = { exchange: 0, look: 0, close: 0 };
  const paces: World["paces"] = [];
  const memory = createMemoryBudgetState(() => clock.now());
  const pass = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));

  function stateFor(awake: () => Promise<void>): BudgetState {
    function remote<A extends unknown[], R>(name: keyof World["stateCalls"], call: (...args: A) => Promise<R>) {
      return async (...args: A): Promise<R> => {
        stateCalls[name]++;
        await pass(backendMs / 2);
        const result = await call(...args);
        await pass(backendMs / 2);
        await awake();
        return result;
      };
    }
    return {
      exchange: remote("exchange", (key: string, ask: BudgetAsk) => {
        if (ask.advice) paces.push({ at: clock.now(), intervalMs: ask.advice.slowMs });
        return memory.exchange(key, ask);
      }),
      look: (key: string) => memory.look(key),
      close: remote("close", (...args: Parameters<BudgetState["close"]>) => memory.close(...args)),
    };
  }
  const state = stateFor(async () => {});

  const budgets: Budget[] = [];
  let toSend = options.requests ?? Number.POSITIVE_INFINITY;
  let answered = 0;
  let doneAt: number | null = null;
  let over: Spender | null = null;

  async function sendAll(budget: Budget, awake: () => Promise<void>): Promise<void> {
    while (toSend-- > 0) {
      const permit = await budget.take();
      const { thereMs, backMs } = nextWay();
      await pass(thereMs);
      if (limit.blockedForMs(clock.now()) > 0) over ??= "the stranger";
      const verdict = limit.arrive(clock.now());
      if (!verdict.allowed) over ??= "us";
      arrivals.push({ at: clock.now(), status: verdict.allowed ? 200 : 429 });
      const headers = random.chance(headerShare) ? withExtra(renderRateHeaders(limitSettings, verdict)) : {};
      await pass(backMs);
      await awake();
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

  /** Resolves when the process does not stand still: what comes meanwhile is seen afterwards. */
  function createStalls(): () => Promise<void> {
    const { stallMs = 0 } = options;
    if (stallMs === 0) return async () => {};
    const stalls = seededRandom(seed ^ (0x57a11 + budgets.length));
    let from = clock.now();
    let to = from;
    return async () => {
      while (to <= clock.now()) {
        from = to + 2000 * stalls.next();
        to = from + stallMs * stalls.next() ** 2;
      }
      if (from <= clock.now()) await pass(to - clock.now());
    };
  }

  function addProcess(): void {
    const awake = createStalls();
    const budget = createBudget({
      state: stateFor(awake),
      key: "token",
      ...parseRate(rate),
      now: () => clock.now(),
      ...(options.pace && { pace: options.pace }),
      async sleep(ms, signal) {
        await clock.sleep(ms + random.next() * timerLateMs, signal);
        await awake();
      },
    });
    budgets.push(budget);
    for (let i = 0; i < concurrency; i++) void sendAll(budget, awake);
  }
  async function comeByChance(): Promise<void> {
    const next = createStrangerTimes(options);
    for (;;) {
      await pass(next() - clock.now());
      if (!limit.arrive(clock.now()).allowed) over ??= "the stranger";
    }
  }
  if (options.strangerByChance && options.strangerPerSecond) void comeByChance();
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
