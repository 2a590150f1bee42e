import { describe, expect, test } from "vitest";
import type { BudgetState } from "../../src/budget/budget-state.ts";
import { createMemoryBudgetState } from "../../src/budget/memory-budget.ts";
import { createSlotQueue, type Permit, type SlotQueueOptions } from "../../src/budget/slot-queue.ts";
import { createVirtualClock } from "./virtual-clock.ts";

const INTERVAL = 1000;

function setup({
  intervalMs = INTERVAL,
  state: given,
  ...options
}: Partial<SlotQueueOptions> & { intervalMs?: number; state?: BudgetState } = {}) {
  const clock = createVirtualClock();
  const state = given ?? createMemoryBudgetState(() => clock.now());
  const reserved: number[] = [];
  let looks = 0;
  let lateMs = 0;
  const queue = createSlotQueue({
    reserve: (count) => {
      reserved.push(count);
      return state.reserve("key", count, intervalMs);
    },
    look: () => {
      looks++;
      return state.look("key");
    },
    wantedMs: () => intervalMs,
    toleranceMs: () => 500,
    now: () => clock.now(),
    sleep: (ms, signal) => clock.sleep(ms + lateMs, signal),
    ...options,
  });
  const permits: Permit[] = [];
  const take = (signal?: AbortSignal) => queue.take(signal).then((permit) => void permits.push(permit));
  return {
    clock,
    state,
    queue,
    permits,
    reserved,
    looks: () => looks,
    take,
    takeMany: (count: number) => Promise.all(Array.from({ length: count }, () => take())),
    beLate: (ms: number) => (lateMs = ms),
    times: () => permits.map(({ at }) => at),
  };
}

describe("the slots of one process", () => {
  test("are evenly spaced, and go to the callers in their order", async () => {
    const { takeMany, clock, times, permits } = setup();
    void takeMany(5);
    await clock.runUntil(10_000);
    expect(times()).toEqual([0, 1000, 2000, 3000, 4000]);
    expect(permits.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  });

  test("are reserved a few at a time, never all that is waited for", async () => {
    const { takeMany, clock, reserved, state } = setup();
    void takeMany(50);
    await clock.runUntil(0);
    expect(reserved.reduce((a, b) => a + b)).toBeLessThanOrEqual(4);
    await clock.runUntil(10_000);
    expect((await state.look("key")).granted).toBeLessThanOrEqual(14);
  });

  test("are reserved together by callers of the same moment: 1,000 callers without a limit take a few calls", async () => {
    const { takeMany, clock, reserved, looks, permits } = setup({ intervalMs: 0.001 });
    void takeMany(1000);
    await clock.runUntil(50);
    expect(permits).toHaveLength(1000);
    expect(reserved.length + looks()).toBeLessThanOrEqual(4);
  });

  test("are asked about once more after a sleep, once for all that are due", async () => {
    const { takeMany, clock, looks, permits } = setup({ intervalMs: 40 });
    void takeMany(3);
    await clock.runUntil(0);
    expect(looks()).toBe(0);
    await clock.runUntil(100);
    expect(permits).toHaveLength(3);
    expect(looks()).toBe(2);
  });

  test("are void once somebody closes the budget: nobody starts before it opens", async () => {
    const { takeMany, clock, state, times } = setup();
    void takeMany(4);
    await clock.runUntil(1500);
    await state.close("key", 10_000);
    await clock.runUntil(20_000);
    expect(times()).toEqual([0, 1000, 11_500, 12_500]);
  });

  test("are given up by who wakes too late, so that late ones don't bunch up", async () => {
    const { take, takeMany, clock, times, beLate } = setup();
    void takeMany(2);
    await clock.runUntil(500);
    beLate(7000);
    void take();
    await clock.runUntil(1500);
    beLate(0);
    await clock.runUntil(30_000);
    const gaps = times()
      .slice(1)
      .map((time, i) => time - times()[i]!);
    expect(times()).toHaveLength(3);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
  });

  test("are given up when the whole process was frozen", async () => {
    const { takeMany, clock, times } = setup({ intervalMs: 100, toleranceMs: () => 50 });
    void takeMany(8);
    await clock.runUntil(150);
    clock.stall(5000);
    await clock.runUntil(20_000);
    const gaps = times()
      .slice(1)
      .map((time, i) => time - times()[i]!);
    expect(times()).toHaveLength(8);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(99);
  });

  test("are not trusted when the process was frozen while it asked for them", async () => {
    const clock = createVirtualClock();
    const memory = createMemoryBudgetState(() => clock.now());
    let freezeMs = 5000;
    const { queue } = setup({
      now: () => clock.now(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
      look: () => memory.look("key"),
      async reserve(count) {
        const reservation = await memory.reserve("key", count, 100);
        clock.stall(freezeMs);
        freezeMs = 0;
        return reservation;
      },
    });
    const numbers: number[] = [];
    void queue.take().then(({ number }) => numbers.push(number));
    await clock.runUntil(10_000);
    expect(numbers).toEqual([2]);
  });

  test("are trusted again when it is the backend that always takes so long", async () => {
    const clock = createVirtualClock();
    const memory = createMemoryBudgetState(() => clock.now());
    let calls = 0;
    const { queue } = setup({
      now: () => clock.now(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
      look: () => memory.look("key"),
      async reserve(count) {
        calls++;
        const reservation = await memory.reserve("key", count, 100);
        await new Promise<void>((resolve) => clock.after(2000, resolve));
        return reservation;
      },
    });
    let given = false;
    void queue.take().then(() => (given = true));
    await clock.runUntil(20_000);
    expect(given).toBe(true);
    expect(calls).toBe(4);
  });
});

describe("a caller that stops", () => {
  test("is let go at once, and its slot goes to the next", async () => {
    const { take, clock, times } = setup();
    const stop = new AbortController();
    void take();
    const stopped = take(stop.signal).catch((error: unknown) => error);
    void take();
    await clock.runUntil(500);
    stop.abort(new Error("enough"));
    expect(await stopped).toMatchObject({ message: "enough" });
    await clock.runUntil(10_000);
    expect(times()).toEqual([0, 1000]);
  });

  test("is refused when it had stopped before", async () => {
    const { take, reserved } = setup();
    await expect(take(AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    expect(reserved).toEqual([]);
  });

  test("keeps nothing awake when it was the last", async () => {
    let asleep = 0;
    const { take, clock, queue } = setup({
      sleep: async (_ms, signal) => {
        asleep++;
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        asleep--;
      },
    });
    await take();
    const stop = new AbortController();
    const waiting = queue.take(stop.signal).catch(() => {});
    await clock.runUntil(1);
    expect(asleep).toBe(1);
    stop.abort();
    await waiting;
    await clock.runUntil(2);
    expect(asleep).toBe(0);
  });
});

test("a backend that fails is everybody's failure who waits, and nobody's afterwards", async () => {
  const memory = createMemoryBudgetState(() => 0);
  let broken = true;
  const { queue } = setup({
    reserve: async (count) => {
      if (broken) throw new Error("backend away");
      return await memory.reserve("key", count, 1);
    },
  });
  const waiting = [queue.take(), queue.take()];
  for (const one of waiting) await expect(one).rejects.toThrow("backend away");
  broken = false;
  expect(await queue.take()).toMatchObject({ number: 1 });
});
