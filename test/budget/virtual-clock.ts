import type { Sleep } from "../../src/budget/budget.ts";

/** A clock that only moves when it is run: hours pass in a moment, and always in the same order. */
export interface VirtualClock {
  now(): number;
  sleep: Sleep;
  after(ms: number, task: () => void): void;
  /** Does everything that is due until then. */
  runUntil(time: number): Promise<void>;
  /** The process can't do anything for a while, but time goes on: what is due meanwhile is late. */
  stall(ms: number): void;
}

export function createVirtualClock(): VirtualClock {
  let time = 0;
  let order = 0;
  const tasks: { at: number; order: number; task: () => void }[] = [];

  function after(ms: number, task: () => void): void {
    const entry = { at: time + Math.max(0, ms), order: order++, task };
    let low = 0;
    let high = tasks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (tasks[middle]!.at <= entry.at) low = middle + 1;
      else high = middle;
    }
    tasks.splice(low, 0, entry);
  }

  return {
    now: () => time,
    after,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        after(ms, resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      }),
    async runUntil(end) {
      await promisesToSettle();
      while (tasks.length > 0 && tasks[0]!.at <= end) {
        const { at, task } = tasks.shift()!;
        time = Math.max(time, at);
        task();
        await promisesToSettle();
      }
      time = Math.max(time, end);
    },
    stall(ms) {
      time += ms;
    },
  };
}

const promisesToSettle = () => new Promise<void>((resolve) => setImmediate(resolve));
