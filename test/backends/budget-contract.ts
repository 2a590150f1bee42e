import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";

const SECOND = 1_000;
/** Intervals are far longer than a call takes, so that the order of slots can be told from how long each has to wait. */
const LONG = 100 * SECOND;

/** Which slot it is that one has to wait for this long, when slots are LONG apart; 0 is now. */
function slot(waitMs: number): number {
  return Math.round(waitMs / LONG);
}

/** What every budget does. `connections` answers two that are open on the same datastore. */
export function describeBudget(connections: () => [Backend, Backend]): void {
  const budget = () => connections()[0].budget;
  const other = () => connections()[1].budget;

  describe("the budget", () => {
    test("gives the first slot at once and spaces the others", async () => {
      const key = randomUUID();
      expect(await budget().reserve(key, 1, LONG)).toEqual({ waitMs: 0, intervalMs: LONG, epoch: 0, granted: 1 });
      const second = await other().reserve(key, 1, LONG);
      expect(second).toMatchObject({ intervalMs: LONG, granted: 2 });
      expect(second.waitMs).toBeGreaterThan(LONG - 5 * SECOND);
      expect(second.waitMs).toBeLessThanOrEqual(LONG);
    });

    test("gives no slot twice to those who ask at once", async () => {
      const key = randomUUID();
      const asked = await Promise.all(
        Array.from({ length: 60 }, (_, i) => (i % 2 ? budget() : other()).reserve(key, 1, LONG)),
      );
      const slots = asked.map(({ waitMs }) => slot(waitMs)).toSorted((a, b) => a - b);
      expect(slots).toEqual(Array.from({ length: 60 }, (_, i) => i));
      expect(asked.map(({ granted }) => granted).toSorted((a, b) => a - b)).toEqual(slots.map((n) => n + 1));
    });

    test("keeps a whole reservation free for who asked", async () => {
      const key = randomUUID();
      await budget().reserve(key, 5, LONG);
      const next = await other().reserve(key, 2, LONG);
      expect(slot(next.waitMs)).toBe(5);
      expect(next.granted).toBe(7);
      expect(slot((await budget().reserve(key, 1, LONG)).waitMs)).toBe(7);
    });

    test("keeps fractions of a millisecond", async () => {
      const key = randomUUID();
      await budget().reserve(key, 40_001, 2.525);
      const { waitMs } = await budget().reserve(key, 1, 2.525);
      expect(waitMs).toBeGreaterThan(101_002.525 - 5 * SECOND);
      expect(waitMs).toBeLessThanOrEqual(101_002.525);
    });

    test("does not save up what nobody used", async () => {
      const key = randomUUID();
      await budget().reserve(key, 1, 0.001);
      await budget().look(key);
      expect((await budget().reserve(key, 3, LONG)).waitMs).toBeGreaterThan(LONG - 5 * SECOND);
      expect((await budget().reserve(randomUUID(), 1, LONG)).waitMs).toBe(0);
    });

    test("lets nobody start while it is closed, and voids what was reserved", async () => {
      const key = randomUUID();
      await budget().reserve(key, 50, LONG);
      await other().close(key, 10 * LONG);
      const look = await budget().look(key);
      expect(look).toMatchObject({ epoch: 1, granted: 50, slowIntervalMs: 0 });
      expect(slot(look.closedForMs)).toBe(10);
      const next = await budget().reserve(key, 1, LONG);
      expect(next).toMatchObject({ epoch: 1, granted: 51 });
      expect(slot(next.waitMs)).toBe(10);
    });

    test("stays closed as long as the longest closure says", async () => {
      const key = randomUUID();
      await budget().close(key, 10 * LONG);
      await budget().close(key, LONG);
      expect(await budget().look(key)).toMatchObject({ epoch: 2 });
      expect(slot((await budget().look(key)).closedForMs)).toBe(10);
    });

    test("keeps its pace when it opens at once", async () => {
      const key = randomUUID();
      await budget().reserve(key, 1, LONG);
      await budget().close(key, 0);
      expect(slot((await budget().reserve(key, 1, LONG)).waitMs)).toBe(1);
    });

    test("goes slower for as long as it was told to", async () => {
      const key = randomUUID();
      await budget().slow(key, 3 * LONG, 60 * SECOND);
      expect((await other().look(key)).slowIntervalMs).toBe(3 * LONG);
      expect((await other().reserve(key, 2, LONG)).intervalMs).toBe(3 * LONG);
      expect(slot((await other().reserve(key, 1, LONG)).waitMs)).toBe(6);
      expect((await other().reserve(key, 1, 4 * LONG)).intervalMs).toBe(4 * LONG);
    });

    test("goes at its own pace again when slowing is lifted or over", async () => {
      const key = randomUUID();
      await budget().slow(key, 3 * LONG, 60 * SECOND);
      await budget().slow(key, 0, 60 * SECOND);
      expect(await budget().look(key)).toMatchObject({ slowIntervalMs: 0 });
      expect((await budget().reserve(key, 1, LONG)).intervalMs).toBe(LONG);
      await budget().slow(key, 3 * LONG, 0);
      expect((await budget().reserve(key, 1, LONG)).intervalMs).toBe(LONG);
    });

    test("is open and unused where nobody asked yet", async () => {
      expect(await budget().look(randomUUID())).toEqual({ epoch: 0, granted: 0, closedForMs: 0, slowIntervalMs: 0 });
    });
  });
}
