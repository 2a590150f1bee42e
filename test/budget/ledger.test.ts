import { expect, test } from "vitest";
import { exchange, newRecord, TERMS } from "../../src/budget/ledger.ts";
import { askFor } from "./ask-for.ts";

const MINUTE = 60_000;

test("what is kept does not grow with the limit", () => {
  const record = newRecord();
  const limit = 1_000_000;
  let settled: number[] = [];
  let granted = 0;
  for (let now = MINUTE; now < 6 * MINUTE; now += 100) {
    const ask = askFor({ want: 300, rules: [limit, 5 * MINUTE], fastMs: 0.1, evenMs: 0.3, settled });
    const answer = exchange(record, now, ask);
    settled = [answer.stamp, 50, answer.granted];
    granted += answer.granted;
  }
  expect(granted).toBeGreaterThan(0.8 * limit);
  expect((record.answered.length + record.flying.length) / 2).toBeLessThan(TERMS.buckets + 30);
});
