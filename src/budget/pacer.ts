import type { BudgetState } from "./budget-state.ts";
import { createHeadroom, type Advice, type Headroom } from "./headroom.ts";
import type { RateReading } from "./rate-headers.ts";
import type { Permit, SlotQueue } from "./slot-queue.ts";

/** Sets the pace of all processes by what the server says is left. */
export interface Pacer {
  /** `intervalMs`: between requests at the wanted pace. */
  observe(readings: readonly RateReading[], permit: Permit, intervalMs: number): void;
}

/** Between two writes of one process to the shared state. */
const WRITE_EVERY_MS = 250;
/** A change of pace smaller than this is not worth a write. */
const WORTH_A_WRITE = 0.03;
/** A process that followed less of a window than this does not overrule what others found out. */
const KNOWS_ENOUGH_SHARE = 0.1;

export function createPacer(options: {
  state: BudgetState;
  key: string;
  windowMs: () => number;
  now: () => number;
  slots: SlotQueue;
}): Pacer {
  const { state, key, windowMs, now, slots } = options;
  const limits = new Map<string, Headroom>();
  let startedAt: number | null = null;
  let writtenAt = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;

  function headroomOf(name: string): Headroom {
    const headroom = limits.get(name) ?? createHeadroom(windowMs());
    limits.set(name, headroom);
    return headroom;
  }

  function pause(forMs: number): void {
    const until = now() + forMs;
    if (until <= pausedUntil + windowMs() / 100) return;
    pausedUntil = until;
    // Where the write fails, the next answer asks for it again.
    slots.voidWhile(() => state.close(key, forMs)).catch(() => (pausedUntil = Number.NEGATIVE_INFINITY));
  }

  function space(intervalMs: number, wantedMs: number): void {
    const at = now();
    const inForce = slots.intervalMs();
    if (at - writtenAt < WRITE_EVERY_MS || Math.abs(intervalMs - inForce) <= inForce * WORTH_A_WRITE) return;
    writtenAt = at;
    const slower = intervalMs > wantedMs;
    // Where the write fails, the next answer asks for it again.
    state.slow(key, slower ? intervalMs : 0, slower ? 2 * windowMs() : 0).catch(() => {});
  }

  return {
    observe(readings, permit, intervalMs) {
      const heardAt = now();
      startedAt ??= heardAt;
      const knowsEnough = heardAt - startedAt >= windowMs() * KNOWS_ENOUGH_SHARE;
      const pace = Math.max(intervalMs, slots.intervalMs());
      const onTheWay = Math.max(slots.lastNumber() - permit.number, (heardAt - permit.at) / pace);
      const advice: Advice[] = [];
      for (const reading of readings) {
        const headroom = headroomOf(reading.name);
        headroom.observe(reading, {
          number: permit.number,
          epoch: permit.epoch,
          sentAt: permit.at,
          heardAt,
          onTheWay,
        });
        advice.push(headroom.advise(heardAt, intervalMs));
      }
      const pauseMs = Math.max(0, ...advice.map((one) => (one.kind === "pause" ? one.forMs : 0)));
      if (pauseMs > 0) return pause(pauseMs);
      const paceMs = Math.max(intervalMs, ...advice.map((one) => (one.kind === "pace" ? one.intervalMs : 0)));
      if (paceMs > slots.intervalMs() || knowsEnough) space(paceMs, intervalMs);
    },
  };
}
