import type { BudgetState } from "../../src/budget/budget-state.ts";
import { close, exchange, newRecord, type BudgetRecord } from "../../src/budget/ledger.ts";

/** The shared part of the budget for one process. `now` is in milliseconds. */
export function createMemoryBudgetState(now: () => number = () => performance.now()): BudgetState {
  const records = new Map<string, BudgetRecord>();

  function recordOf(key: string): BudgetRecord {
    const record = records.get(key) ?? newRecord();
    records.set(key, record);
    return record;
  }

  return {
    exchange: async (key, ask) => exchange(recordOf(key), now(), ask),
    close: async (key, forMs, reason) => close(recordOf(key), now(), forMs, reason),
    look: async (key) => {
      const record = records.get(key);
      return record === undefined ? null : { record: structuredClone(record), now: now() + record.shiftMs };
    },
  };
}
