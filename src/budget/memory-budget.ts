import type { BudgetState } from "./budget-state.ts";

/** The shared part of the budget for one process, and the reference for the others. `now` is in milliseconds. */
export function createMemoryBudgetState(now: () => number = () => performance.now()): BudgetState {
  const records = new Map<string, BudgetRecord>();

  function recordOf(key: string): BudgetRecord {
    const record = records.get(key) ?? newRecord();
    records.set(key, record);
    return record;
  }

  return {
    async reserve(key, count, intervalMs) {
      const record = recordOf(key);
      const at = now();
      const interval = Math.max(intervalMs, slowIntervalMs(record, at));
      const first = Math.max(at, record.lastSlot + interval, record.closedUntil);
      record.lastSlot = first + (count - 1) * interval;
      record.granted += count;
      return { waitMs: first - at, intervalMs: interval, epoch: record.epoch, granted: record.granted };
    },
    async close(key, forMs) {
      const record = recordOf(key);
      record.closedUntil = Math.max(record.closedUntil, now() + forMs);
      record.lastSlot = Math.min(record.lastSlot, now());
      record.epoch++;
    },
    async slow(key, intervalMs, forMs) {
      const record = recordOf(key);
      record.slowInterval = intervalMs;
      record.slowUntil = now() + forMs;
    },
    async look(key) {
      const record = recordOf(key);
      const at = now();
      return {
        epoch: record.epoch,
        granted: record.granted,
        closedForMs: Math.max(0, record.closedUntil - at),
        slowIntervalMs: slowIntervalMs(record, at),
      };
    },
  };
}

interface BudgetRecord {
  lastSlot: number;
  closedUntil: number;
  slowInterval: number;
  slowUntil: number;
  epoch: number;
  granted: number;
}

function newRecord(): BudgetRecord {
  const never = Number.NEGATIVE_INFINITY;
  return { lastSlot: never, closedUntil: never, slowInterval: 0, slowUntil: never, epoch: 0, granted: 0 };
}

function slowIntervalMs(record: BudgetRecord, at: number): number {
  return record.slowUntil > at ? record.slowInterval : 0;
}
