import { describe, expect, test } from "vitest";
import type { LimitSettings } from "../../src/demo/request-limit.ts";
import { budgetKey, createBudget } from "../../src/budget/budget.ts";
import { createMemoryBudgetState } from "./memory-budget.ts";
import { budgetOf } from "./budget-of.ts";
import { createWorld, type World, type WorldOptions } from "./simulated-world.ts";

/* Minutes of real limits in virtual time: processes, the server that limits and blocks them, and strangers. */

const MINUTE = 60_000;
const cloudflare = (window: "fixed" | "sliding" = "fixed"): LimitSettings => ({
  requests: 1200,
  windowMs: 5 * MINUTE,
  window,
  blockMs: 5 * MINUTE,
  retryAfter: true,
});
const REAL: WorldOptions = { rate: "1140/5m", limit: cloudflare() };
const SCALED: WorldOptions = {
  rate: "190/5s",
  limit: { ...cloudflare(), requests: 200, windowMs: 5000, blockMs: 5000 },
};

/** The share of a pace, from the second window on. */
async function shareUsed(world: World, { limit }: WorldOptions, perSecond: number, windows = 4): Promise<number> {
  await world.run(limit.windowMs);
  const from = world.clock.now();
  await world.run(windows * limit.windowMs);
  return world.rateSince(from) / perSecond;
}

const fullRate = ({ rate }: WorldOptions) => (rate === "190/5s" ? 38 : 3.8);

describe("alone", () => {
  const cases = [REAL, SCALED].flatMap((options) =>
    (["fixed", "sliding"] as const).flatMap((window) =>
      [1, 3].map((processes) => ({ ...options, processes, limit: { ...options.limit, window } })),
    ),
  );

  test.each(cases)(
    "$processes processes use 99 % of $rate in $limit.window windows, and never go over it",
    async (options) => {
      const world = createWorld(options);
      expect(await shareUsed(world, options, fullRate(options))).toBeGreaterThan(0.99);
      expect(world.throttled()).toBe(0);
      // One more than the rate at the most: what is on the way jostles.
      expect(world.mostInWindow()).toBeLessThanOrEqual((fullRate(options) * options.limit.windowMs) / 1000 + 1);
      expect(world.stateCalls.close).toBe(0);
    },
  );

  test("asks the backend about once for a request, however many processes wait", async () => {
    const one = createWorld({ ...REAL });
    await one.run(5 * MINUTE);
    expect(one.stateCalls.exchange / one.arrivals.length).toBeLessThanOrEqual(1.1);
    const three = createWorld({ ...REAL, processes: 3 });
    await three.run(5 * MINUTE);
    expect(three.stateCalls.exchange / three.arrivals.length).toBeLessThanOrEqual(2.2);
  });

  test.each<[string, Partial<WorldOptions>, number]>([
    ["the way takes up to two seconds", { latency: { minMs: 200, maxMs: 2000 }, concurrency: 16 }, 0.99],
    ["the backend takes 60 ms", { backendMs: 60 }, 0.99],
    ["timers come up to half a second late", { timerLateMs: 500, processes: 3 }, 0.99],
    ["most answers lack the headers", { headerShare: 0.3 }, 0.99],
    ["another limit is listed first", { extraItem: { limit: '"ip";r=199;t=1', policy: '"ip";q=200;w=1' } }, 0.99],
  ])("does so also where %s", async (_name, more, share) => {
    const options = { ...REAL, ...more };
    const world = createWorld(options);
    expect(await shareUsed(world, options, 3.8)).toBeGreaterThan(share);
    expect(world.throttled()).toBe(0);
  });

  test.each(["2400/5m", "unlimited"])("keeps to 95 %% of what the server allows, where it is told %s", async (rate) => {
    const options = { ...REAL, rate, processes: 3 };
    const world = createWorld(options);
    expect(await shareUsed(world, options, 3.8)).toBeGreaterThan(0.98);
    expect(world.throttled()).toBe(0);
    expect(world.mostInWindow()).toBeLessThanOrEqual(1200);
  });
});

describe("with somebody else who spends half of it", () => {
  const half: WorldOptions[] = (["fixed", "sliding"] as const).flatMap((window) =>
    [1, 3].map((processes) => ({ ...REAL, limit: cloudflare(window), processes, strangerPerSecond: 2 })),
  );

  test.each(half)(
    "$processes processes use 90 % of what is left of $limit.window windows, without one 429",
    async (options) => {
      const world = createWorld(options);
      expect(await shareUsed(world, options, 2)).toBeGreaterThan(0.9);
      expect(world.throttled()).toBe(0);
    },
  );

  test.each(half)(
    "$processes processes use most of what is left of $limit.window windows by one who comes by chance, without one 429",
    async (options) => {
      const world = createWorld({ ...options, strangerByChance: true });
      expect(await shareUsed(world, options, 2)).toBeGreaterThan(0.85);
      expect(world.wentOver()).toBeNull();
    },
  );

  test.each([1, 3])("%i processes use most of it at 20 a second of 200 in 5 s", async (processes) => {
    const options = { ...SCALED, processes, strangerPerSecond: 20 };
    const world = createWorld(options);
    // In so short a window chance is a larger part of what comes.
    expect(await shareUsed(world, options, 20)).toBeGreaterThan(0.7);
    expect(world.wentOver()).toBeNull();
  });

  test.each<[string, Partial<WorldOptions>]>([
    ["the way takes up to two seconds", { latency: { minMs: 200, maxMs: 2000 }, concurrency: 16, processes: 3 }],
    ["most answers lack the headers", { headerShare: 0.3 }],
    ["another limit is listed first", { extraItem: { limit: '"ip";r=199;t=1', policy: '"ip";q=200;w=1' } }],
    ["a 429 would not say for how long", { limit: { ...cloudflare(), retryAfter: false } }],
  ])("does so also where %s", async (_name, more) => {
    const options = { ...REAL, strangerPerSecond: 2, ...more };
    const world = createWorld(options);
    expect(await shareUsed(world, options, 2)).toBeGreaterThan(0.9);
    expect(world.throttled()).toBe(0);
  });

  test.each([0.25, 0.75])("leaves a stranger %d of it, too", async (share) => {
    const options = { ...REAL, strangerPerSecond: 4 * share, processes: 3 };
    const world = createWorld(options);
    expect(await shareUsed(world, options, 4 * (1 - share))).toBeGreaterThan(0.9);
    expect(world.throttled()).toBe(0);
  });

  test("makes room when the stranger comes, and takes it back when it goes", async () => {
    // At the fast pace the window is used up before the stranger comes.
    const world = createWorld({ ...REAL, processes: 3, pace: "even" });
    await world.run(8 * MINUTE);
    world.setStranger(2);
    await world.run(12 * MINUTE);
    let from = world.clock.now();
    await world.run(10 * MINUTE);
    expect(world.rateSince(from)).toBeGreaterThan(0.9 * 2);
    world.setStranger(0);
    await world.run(12 * MINUTE);
    from = world.clock.now();
    await world.run(10 * MINUTE);
    expect(world.rateSince(from)).toBeGreaterThan(0.99 * 3.8);
    expect(world.throttled()).toBe(0);
  });

  test.each([
    ["fixed", 1],
    ["fixed", 3],
    ["sliding", 1],
    ["sliding", 3],
  ] as const)("leaves one nearly all of %s windows without one 429, with %i processes", async (window, processes) => {
    const options = { ...REAL, limit: cloudflare(window), strangerPerSecond: 3.8, processes };
    const world = createWorld(options);
    // What may come of such a stranger by chance is more than what is left: only looks are made.
    expect(await shareUsed(world, options, 0.2)).toBeGreaterThan(0.1);
    expect(world.throttled()).toBe(0);
  });

  test("a process that joins late keeps to the pace that the others found", async () => {
    const world = createWorld({ ...REAL, strangerPerSecond: 2 });
    await world.run(7 * MINUTE);
    world.addProcess();
    await world.run(MINUTE / 2);
    const rightAfter = world.paces.filter(({ at }) => at >= 7 * MINUTE);
    expect(rightAfter.filter(({ intervalMs }) => intervalMs < 400)).toEqual([]);
    expect(world.rateSince(7 * MINUTE)).toBeLessThan(2.2);
    await world.run(8 * MINUTE);
    expect(world.throttled()).toBe(0);
  });

  test("closes the budget now and then only", async () => {
    const world = createWorld({ ...REAL, strangerPerSecond: 2, processes: 3 });
    await world.run(15 * MINUTE);
    expect(world.stateCalls.close).toBeLessThan(20);
  });
});

describe("a 429", () => {
  test.each([true, false])("stops every process until the block is over (retry-after sent: %s)", async (retryAfter) => {
    const world = createWorld({ ...REAL, limit: { ...cloudflare(), retryAfter }, processes: 3 });
    await world.run(MINUTE);
    // Somebody spends all that is left within a second, and goes.
    world.setStranger(2000);
    await world.run(1000);
    world.setStranger(0);
    await world.run(20 * MINUTE);
    const refused = world.arrivals.filter(({ status }) => status === 429);
    const first = refused[0]!.at;
    const known = first + 250;
    const next = world.arrivals.find(({ at }) => at > known)!.at;
    const blockedAt = MINUTE;
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.at(-1)!.at).toBeLessThanOrEqual(known);
    expect(next - blockedAt).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(next - first).toBeLessThan(5.2 * MINUTE);
    // One request looks whether it is over.
    expect(world.arrivals.filter(({ at }) => at >= next && at < next + 500)).toHaveLength(1);
    // For an hour they are evenly spaced.
    const bursts = world.arrivals.filter(
      ({ at }, i) => at > next + 2000 && at - world.arrivals[Math.max(0, i - 8)]!.at < 1000,
    );
    expect(bursts).toEqual([]);
    // In the end it is as if nothing had been.
    const from = next + 70 * MINUTE;
    await world.run(Math.max(0, from + 10 * MINUTE - world.clock.now()));
    expect(world.rateSince(from)).toBeGreaterThan(0.99 * 3.8);
  });

  test("that many calls get at once closes the budget once", async () => {
    let closed = 0;
    const memory = createMemoryBudgetState();
    const close: typeof memory.close = (...args) => (closed++, memory.close(...args));
    const state = { ...memory, close };
    const budget = createBudget({ state, key: "token", limit: 100, windowMs: 1000, now: () => 0 });
    await Promise.all(Array.from({ length: 20 }, () => budget.throttled(60_000)));
    expect(closed).toBe(1);
    await budget.throttled(90_000);
    expect(closed).toBe(2);
  });
});

describe("the budget's key", () => {
  test("is the same for the same token and account, and another for others", () => {
    const key = budgetKey("token-one", "account-one");
    expect(budgetKey("token-one", "account-one")).toBe(key);
    expect(new Set([key, budgetKey("token-two", "account-one"), budgetKey("token-one", "account-two")]).size).toBe(3);
  });

  test("gives nothing away", () => {
    expect(budgetKey("a".repeat(40), "account")).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe("a look", () => {
  test("knows what was answered just before it: nothing is taken for a request on its way", async () => {
    const budget = budgetOf("20/1s");
    budget.settle(await budget.take());
    const view = await budget.look();
    expect(view.left).toBe(19);
    expect(view.frees.map(({ requests }) => requests)).toEqual([1]);
    expect(view.frees[0]!.inMs).toBeLessThanOrEqual(1_100);
    await budget.close();
  });
});
