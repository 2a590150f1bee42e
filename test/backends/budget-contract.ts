import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import type { BudgetAnswer, BudgetAsk } from "../../src/budget/exchange.ts";
import { exchange, newRecord } from "../../src/budget/ledger.ts";
import { seededRandom, type Random } from "../../src/demo/random.ts";
import { askFor } from "../budget/ask-for.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** A question for permits of 100 an hour, of which as many as are left may go at once. */
function ask(more: Partial<BudgetAsk> = {}): BudgetAsk {
  return askFor({ want: 1, rules: [100, HOUR], evenMs: 36 * SECOND, toleranceMs: 50, ...more });
}

const FAST = { knows: 1, fastUpTo: 1e9, fastForMs: HOUR, slowMs: 0, slowForMs: 0, strangerRate: null };

/** Does what `exchange` does, at a time that the test says. */
export type ExchangeAt = (key: string, clock: number, ask: BudgetAsk) => Promise<BudgetAnswer>;

/** What every budget does. `connections` answers two that are open on the same datastore. */
export function describeBudget(connections: () => [Backend, Backend], exchangeAt?: ExchangeAt): void {
  const budget = () => connections()[0].budget;
  const other = () => connections()[1].budget;

  describe("the budget", () => {
    test("gives all that is left at once where they may go fast, and then none until some fall out", async () => {
      const key = randomUUID();
      expect(await budget().exchange(key, ask({ want: 60, advice: FAST }))).toMatchObject({ granted: 60, number: 60 });
      // Two of a hundred are kept for urgent ones.
      const second = await other().exchange(key, ask({ want: 60 }));
      expect(second).toMatchObject({ granted: 38, number: 98, used: 98, flying: 98, closedForMs: 0 });
      expect(await budget().exchange(key, ask())).toMatchObject({ granted: 0, retryInMs: HOUR / 100 });
      expect(await other().exchange(key, ask({ urgent: true, want: 9 }))).toMatchObject({ granted: 2, used: 100 });
    });

    test("spaces permits evenly where nothing is known", async () => {
      const key = randomUUID();
      expect(await budget().exchange(key, ask({ want: 5 }))).toMatchObject({ granted: 1 });
      const second = await other().exchange(key, ask({ want: 5 }));
      expect(second).toMatchObject({ granted: 0, number: 1 });
      expect(second.retryInMs).toBeGreaterThan(30 * SECOND);
      expect(second.retryInMs).toBeLessThanOrEqual(36 * SECOND);
    });

    test("gives no permit twice to those who ask at once", async () => {
      const key = randomUUID();
      await budget().exchange(key, ask({ want: 0, advice: FAST }));
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, i) => (i % 2 ? budget() : other()).exchange(key, ask({ want: 2 }))),
      );
      expect(answers.reduce((sum, { granted }) => sum + granted, 0)).toBe(98);
      expect(new Set(answers.filter(({ granted }) => granted > 0).map(({ number }) => number)).size).toBe(49);
    });

    test("counts what was answered, and not what was returned", async () => {
      const key = randomUUID();
      const { stamp } = await budget().exchange(key, ask({ want: 10, advice: FAST }));
      const answer = await other().exchange(key, ask({ want: 0, settled: [stamp, 5, 4], returned: [stamp, 3] }));
      expect(answer).toMatchObject({ granted: 0, number: 7, flying: 3, used: 7, retryInMs: 0 });
    });

    test("lets the others stand back while somebody urgent waits", async () => {
      const key = randomUUID();
      await budget().exchange(key, ask({ want: 1 }));
      expect(await budget().exchange(key, ask({ urgent: true }))).toMatchObject({ granted: 0 });
      const stands = await other().exchange(key, ask({ advice: FAST }));
      expect(stands).toMatchObject({ granted: 0 });
      expect(await other().exchange(key, ask({ urgent: true }))).toMatchObject({ granted: 1 });
      expect(await other().exchange(key, ask())).toMatchObject({ granted: 1 });
    });

    test("gives none while it is closed, for as long as the longest closure says", async () => {
      const key = randomUUID();
      await budget().close(key, HOUR, "throttled");
      await other().close(key, SECOND, "used_up");
      const answer = await budget().exchange(key, ask({ advice: FAST, want: 3 }));
      expect(answer).toMatchObject({ granted: 0 });
      expect(answer.closedForMs).toBeGreaterThan(HOUR - 10 * SECOND);
      expect(answer.retryInMs).toBeGreaterThan(HOUR - 10 * SECOND);
      expect((await budget().look(key))?.record).toMatchObject({ closedReason: 1, probe: 1 });
    });

    test("sends one request to look whether a 429 is over, and then goes evenly", async () => {
      const key = randomUUID();
      await budget().close(key, 0, "throttled");
      expect(await budget().exchange(key, ask({ want: 9, evenMs: 1, advice: FAST }))).toMatchObject({ granted: 1 });
      const next = await other().exchange(key, ask({ want: 9, evenMs: 1 }));
      expect(next).toMatchObject({ granted: 0 });
      expect(next.retryInMs).toBeLessThanOrEqual(SECOND);
    });

    test("tells what is known of it, and nothing where nobody asked yet", async () => {
      const key = randomUUID();
      expect(await budget().look(key)).toBeNull();
      const { stamp } = await budget().exchange(key, ask({ want: 3, advice: { ...FAST, strangerRate: 0.25 } }));
      await other().exchange(key, ask({ want: 0, settled: [stamp, 0, 2] }));
      const look = await other().look(key);
      expect(look?.record).toMatchObject({
        number: 3,
        windowMs: HOUR,
        adviser: 1,
        adviserKnows: 1,
        fastUpTo: 1e9,
        strangerRate: 0.25,
        answered: [expect.any(Number), 2],
        flying: [stamp, 1],
      });
      expect(Math.abs(look!.now - look!.record.seenAt)).toBeLessThan(10 * SECOND);
    });

    test.runIf(exchangeAt)("frees nothing too early when the clock steps, back or forward", async () => {
      const key = randomUUID();
      const at = exchangeAt!;
      const start = 1_700_000_000_000;
      const first = await at(key, start, ask({ want: 98, advice: FAST }));
      expect(first).toMatchObject({ granted: 98, mendedMs: 0 });
      const settled = [first.stamp, 0, 98];
      await at(key, start + SECOND, ask({ want: 0, settled, heardAt: first.now, sinceMs: SECOND }));
      const steps = [30 * HOUR, -48 * HOUR, 2 * HOUR];
      let clock = start + SECOND;
      let heardAt = first.now + SECOND;
      for (const step of steps) {
        clock += step + 10 * SECOND;
        const answer = await at(key, clock, ask({ heardAt, sinceMs: 10 * SECOND }));
        expect(answer).toMatchObject({ granted: 0, used: 98 });
        expect(Math.abs(answer.mendedMs + step)).toBeLessThan(20 * SECOND);
        expect(Math.abs(answer.now - heardAt)).toBeLessThan(20 * SECOND);
        heardAt = answer.now;
      }
      clock += 1.1 * HOUR;
      const later = await at(key, clock, ask({ heardAt, sinceMs: 1.1 * HOUR }));
      expect(later).toMatchObject({ granted: 1, used: 1, mendedMs: 0 });
    });

    test.runIf(exchangeAt)("does the same as the reference, also with a clock that steps", async () => {
      for (let seed = 1; seed <= 4; seed++) {
        const random = seededRandom(seed);
        const key = randomUUID();
        const record = newRecord();
        const stamps: number[] = [];
        let clock = 1_700_000_000_000;
        let lastNow = 0;
        for (let i = 0; i < 60; i++) {
          clock += random.chance(0.1) ? (random.next() * 4 - 2) * HOUR : random.next() * 20 * SECOND;
          const one = randomAsk(random, stamps, lastNow);
          const expected = exchange(record, clock, one);
          expect(await exchangeAt!(key, clock, one)).toEqual(expected);
          lastNow = expected.now;
          if (expected.granted > 0) stamps.push(expected.stamp);
        }
        const look = await other().look(key);
        expect(look?.record).toEqual(record);
      }
    });
  });
}

function randomAsk(random: Random, stamps: readonly number[], lastNow: number): BudgetAsk {
  const below = (n: number) => Math.floor(random.next() * n);
  const someStamp = () => (random.chance(0.9) ? (stamps[below(stamps.length)] ?? 0) : below(1000));
  return {
    want: below(8),
    urgent: random.chance(0.2),
    rules: random.chance(0.8) ? [100, 60_000] : [100, 60_000, 40, 90_000],
    fastMs: random.chance(0.8) ? 10 : 0,
    evenMs: 600 * (1 + random.next()),
    toleranceMs: 600,
    settled: Array.from({ length: below(4) }, () => [someStamp(), random.next() * 500, 1 + below(3)]).flat(),
    returned: Array.from({ length: below(2) }, () => [someStamp(), 1 + below(2)]).flat(),
    adviser: 1 + below(2),
    heardAt: random.chance(0.5) ? lastNow : 0,
    sinceMs: random.next() * 40 * SECOND,
    advice: random.chance(0.4)
      ? {
          knows: random.chance(0.5) ? 1 : random.next(),
          fastUpTo: below(500),
          fastForMs: below(30_000),
          slowMs: random.chance(0.5) ? 0 : random.next() * 5_000,
          slowForMs: below(60_000),
          strangerRate: random.chance(0.5) ? null : random.next() / 100,
        }
      : null,
  };
}
