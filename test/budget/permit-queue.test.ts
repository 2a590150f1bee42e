import { expect, test } from "vitest";
import type { BudgetAnswer } from "../../src/budget/exchange.ts";
import { createPermitQueue, type PermitQueue } from "../../src/budget/permit-queue.ts";
import { createVirtualClock } from "./virtual-clock.ts";

type Ask = Parameters<Parameters<typeof createPermitQueue>[0]["exchange"]>[0];

/** A backend that grants as many as the script says, the last number for ever, and records what it was asked. */
function setUp(grants: (number | Error)[], retryInMs = 1_000) {
  const clock = createVirtualClock();
  const asked: (Ask & { at: number })[] = [];
  let number = 0;
  const exchange = async (ask: Ask): Promise<BudgetAnswer> => {
    asked.push({ ...ask, at: clock.now() });
    const next = grants.length > 1 ? grants.shift()! : grants[0]!;
    if (next instanceof Error) throw next;
    const granted = Math.min(next, ask.want);
    number += granted;
    return {
      granted,
      stamp: 7,
      number,
      flying: granted,
      used: number,
      paceMs: 10,
      retryInMs: granted < ask.want ? retryInMs : 0,
      closedForMs: 0,
      strangerRate: null,
      mendedMs: 0,
      now: clock.now(),
    };
  };
  const queue = createPermitQueue({ exchange, now: clock.now, sleep: clock.sleep });
  return { clock, asked, queue };
}

const takeMany = (queue: PermitQueue, count: number) =>
  Array.from({ length: count }, () => queue.take(undefined, false));

test("takes the permits of callers of one moment together, and gives each its number", async () => {
  const { queue, asked } = setUp([99]);
  const permits = await Promise.all(takeMany(queue, 5));
  expect(asked).toMatchObject([{ want: 5, urgent: false }]);
  expect(permits.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  expect(permits[0]).toMatchObject({ stamp: 7, flying: 5, used: 5 });
});

test("asks again when it was told to, and not before", async () => {
  const { clock, queue, asked } = setUp([2, 99]);
  const all = Promise.all(takeMany(queue, 3));
  await clock.runUntil(999);
  expect(asked).toHaveLength(1);
  await clock.runUntil(1_000);
  expect((await all).map(({ number }) => number)).toEqual([1, 2, 3]);
  expect(asked[1]).toMatchObject({ want: 1, at: 1_000 });
});

test("somebody urgent does not wait for the others' turn, and is served before them", async () => {
  const { clock, queue, asked } = setUp([0, 1, 99]);
  const order: string[] = [];
  void queue.take(undefined, false).then(() => order.push("other"));
  await clock.runUntil(100);
  void queue.take(undefined, true).then(() => order.push("urgent"));
  await clock.runUntil(100);
  expect(order).toEqual(["urgent"]);
  expect(asked[1]).toMatchObject({ urgent: true, want: 1, at: 100 });
  await clock.runUntil(1_000);
  expect(order).toEqual(["urgent", "other"]);
});

test("takes ahead where permits are used fast, and gives back what nobody used", async () => {
  const { clock, queue, asked } = setUp([999]);
  for (let i = 0; i < 4; i++) {
    const permits = await Promise.all(takeMany(queue, 50));
    for (const permit of permits) queue.settle(permit);
    await clock.runUntil(clock.now() + 5);
  }
  expect(asked.some(({ want }) => want > 50)).toBe(true);
  await clock.runUntil(clock.now() + 1_000);
  const taken = asked.reduce((sum, { want }) => sum + want, 0);
  const back = asked.flatMap(({ returned }) => returned.filter((_, i) => i % 2 === 1));
  expect(taken - back.reduce((sum, count) => sum + count, 0)).toBe(200);
});

test("tells what was settled with the next question, or by itself soon", async () => {
  const { clock, queue, asked } = setUp([99]);
  const [one, two] = await Promise.all(takeMany(queue, 2));
  await clock.runUntil(50);
  queue.settle(one!);
  await clock.runUntil(60);
  await queue.take(undefined, false);
  expect(asked[1]!.settled).toEqual([7, 10, 1]);
  queue.settle(two!);
  await clock.runUntil(400);
  expect(asked[2]).toMatchObject({ want: 0, settled: [7, expect.any(Number), 1] });
});

test("a caller that leaves gets the signal's reason, and its permit goes back", async () => {
  const { clock, queue, asked } = setUp([0, 99]);
  const stop = new AbortController();
  const left = queue.take(stop.signal, false);
  await clock.runUntil(10);
  stop.abort(new Error("stopped"));
  await expect(left).rejects.toThrow("stopped");
  await expect(queue.take(stop.signal, false)).rejects.toThrow("stopped");
  await clock.runUntil(5_000);
  expect(asked).toHaveLength(1);
});

test("who waits hears that the backend failed, and the next one asks again", async () => {
  const { queue } = setUp([new Error("gone"), 99]);
  const failed = await Promise.allSettled(takeMany(queue, 2));
  expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await queue.take(undefined, false)).toMatchObject({ number: 1 });
});

test("gives nothing while it holds off", async () => {
  const { clock, queue, asked } = setUp([99]);
  await queue.take(undefined, false);
  queue.holdOff(60_000);
  const next = queue.take(undefined, true);
  await clock.runUntil(59_999);
  expect(asked).toHaveLength(1);
  await clock.runUntil(60_000);
  expect(await next).toMatchObject({ number: 2 });
});

test("gives no permit that a frozen process held too long", async () => {
  const { clock, queue, asked } = setUp([999]);
  for (let i = 0; i < 4; i++) {
    for (const permit of await Promise.all(takeMany(queue, 50))) queue.settle(permit);
    await clock.runUntil(clock.now() + 5);
  }
  const before = asked.length;
  clock.stall(30_000);
  await queue.take(undefined, false);
  expect(asked.length).toBeGreaterThan(before);
});

test("tells what was settled and gives back what is held when it is closed, and waits no longer than a second for it", async () => {
  const { clock, queue, asked } = setUp([99]);
  const [permit] = await Promise.all(takeMany(queue, 1));
  queue.settle(permit!);
  await queue.close();
  expect(asked[1]).toMatchObject({ want: 0, settled: [7, 0, 1] });

  const away = createPermitQueue({ exchange: () => new Promise(() => {}), now: clock.now, sleep: clock.sleep });
  away.settle(permit!);
  const closed = away.close().then(() => clock.now());
  const before = clock.now();
  await clock.runUntil(before + 2_000);
  expect(await closed).toBe(before + 1_000);
});
