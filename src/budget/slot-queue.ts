import type { BudgetLook, Reservation } from "./budget-state.ts";

/** Leave to send one request. */
export interface Permit {
  /** Counts the permits of all processes: between two of one epoch, as many requests were sent as their numbers differ. */
  readonly number: number;
  /** A new one begins when reserved slots are made void; numbers of different epochs don't compare. */
  readonly epoch: number;
  /** When it was given, by the budget's clock. */
  readonly at: number;
}

/** Resolves after `ms`, or at once when the signal is aborted; never rejects. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export interface SlotQueueOptions {
  reserve: (count: number) => Promise<Reservation>;
  look: () => Promise<BudgetLook>;
  /** Between slots at the wanted pace. */
  wantedMs: () => number;
  /** A slot that is taken up later than this is given up. */
  toleranceMs: () => number;
  now: () => number;
  sleep: Sleep;
}

/** Gives each caller of one process a slot: reserves them together, and wakes the callers one by one. */
export interface SlotQueue {
  take(signal?: AbortSignal): Promise<Permit>;
  /** Makes every reserved slot void, and reserves none until the task is done. */
  voidWhile(task: () => Promise<void>): Promise<void>;
  /** Between the slots that were reserved last; 0 before the first. */
  intervalMs(): number;
  /** The number of the last permit that was given; 0 before the first. */
  lastNumber(): number;
}

/**
 * Slots are reserved so far ahead and no further, so that a change of pace takes hold soon; but a few of them at the wanted
 * pace, so that none is missed by a call to the backend or a late timer.
 */
const AHEAD_MS = 100;
const AHEAD_SLOTS = 3;
/** A slot that is this near is due: no timer is finer. */
const NEAR_MS = 0.5;
/** For so long after hearing from the backend, slots are used without asking whether they were made void meanwhile. */
const FRESH_MS = 20;
/** A call to the backend that took longer: the process was frozen, or the backend is out of breath. */
const STALL_MS = 250;
/** After so many slow calls in a row it is the backend, and its answers are taken as they are. */
const MAX_STALLS = 3;

interface Waiter {
  resolve(permit: Permit): void;
  reject(reason: unknown): void;
  signal: AbortSignal | undefined;
  onAbort: () => void;
}

interface Slot {
  at: number;
  number: number;
  epoch: number;
}

export function createSlotQueue({ reserve, look, wantedMs, toleranceMs, now, sleep }: SlotQueueOptions): SlotQueue {
  /** In the order in which they came. */
  const waiters = new Set<Waiter>();
  let slots: Slot[] = [];
  /** How long the last look took. */
  let lookMs = 0;
  let heardAt = Number.NEGATIVE_INFINITY;
  let intervalMs = 0;
  let lastNumber = 0;
  let stalls = 0;
  let serving = false;
  let reserving: Promise<void> | null = null;
  let voiding: Promise<void> | null = null;
  let voided = 0;
  let nap = new AbortController();

  function take(signal?: AbortSignal): Promise<Permit> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const waiter: Waiter = { resolve, reject, signal, onAbort: () => leave(waiter) };
      signal?.addEventListener("abort", waiter.onAbort, { once: true });
      waiters.add(waiter);
      if (serving) reserveAhead();
      else void serve();
    });
  }

  function leave(waiter: Waiter): void {
    waiters.delete(waiter);
    waiter.reject(waiter.signal?.reason);
    if (waiters.size === 0) nap.abort();
  }

  /** Runs while somebody waits. */
  async function serve(): Promise<void> {
    serving = true;
    try {
      // Callers of the same moment share one reservation.
      await Promise.resolve();
      while (waiters.size > 0) await serveNext();
    } catch (error) {
      for (const waiter of waiters) {
        waiter.signal?.removeEventListener("abort", waiter.onAbort);
        waiter.reject(error);
      }
      waiters.clear();
    } finally {
      serving = false;
    }
  }

  async function serveNext(): Promise<void> {
    if (voiding !== null) return await voiding;
    const at = now();
    slots = slots.filter((slot) => at - slot.at <= toleranceMs());
    const [head] = slots;
    if (head === undefined) return await reserveSome();
    reserveAhead();
    const freshMs = Math.max(FRESH_MS, lookMs);
    const stale = head.at - heardAt > freshMs || at - heardAt > 2 * freshMs;
    const napMs = head.at - at - (stale ? lookMs : 0);
    if (napMs > NEAR_MS) {
      nap = new AbortController();
      return await sleep(napMs, nap.signal);
    }
    if (stale) return await lookAgain();
    const due = slots.findIndex((slot) => slot.at - at > NEAR_MS);
    for (const slot of slots.splice(0, due === -1 ? slots.length : due)) give(slot);
  }

  /** Drops the slots that were made void meanwhile. */
  async function lookAgain(): Promise<void> {
    const askedAt = now();
    const { epoch } = await look();
    heardAt = now();
    lookMs = Math.min(heardAt - askedAt, toleranceMs());
    slots = slots.filter((slot) => slot.epoch === epoch);
  }

  function give({ number, epoch }: Slot): void {
    const [waiter] = waiters;
    if (waiter === undefined) return;
    lastNumber = number;
    waiters.delete(waiter);
    waiter.signal?.removeEventListener("abort", waiter.onAbort);
    waiter.resolve({ number, epoch, at: now() });
  }

  function slotsWanted(): number {
    const few = intervalMs > wantedMs() ? 1 : AHEAD_SLOTS;
    const ahead = intervalMs === 0 ? 1 : Math.max(few, Math.ceil(AHEAD_MS / intervalMs));
    return Math.min(waiters.size, ahead) - slots.length;
  }

  function reserveAhead(): void {
    // A failure shows again when the slots run out, and is reported then.
    if (voiding === null && reserving === null && slotsWanted() > 0) reserveSome().catch(() => {});
  }

  function reserveSome(): Promise<void> {
    reserving ??= reserveNow(Math.max(1, slotsWanted())).finally(() => (reserving = null));
    return reserving;
  }

  async function reserveNow(count: number): Promise<void> {
    const askedAt = now();
    const voidedBefore = voided;
    const reservation = await reserve(count);
    const heard = now();
    heardAt = heard;
    intervalMs = reservation.intervalMs;
    // How long ago the backend answered is not known, so neither is when these slots are.
    if (heard - askedAt > Math.max(toleranceMs(), STALL_MS) && stalls++ < MAX_STALLS) return;
    stalls = 0;
    if (voided !== voidedBefore) return;
    slots = slots.filter((slot) => slot.epoch === reservation.epoch);
    for (let i = 0; i < count; i++) {
      slots.push({
        at: heard + reservation.waitMs + i * reservation.intervalMs,
        number: reservation.granted - count + 1 + i,
        epoch: reservation.epoch,
      });
    }
  }

  return {
    take,
    async voidWhile(task) {
      slots = [];
      voided++;
      const done = task();
      const settled = done
        .catch(() => {})
        .finally(() => {
          if (voiding === settled) voiding = null;
        });
      voiding = settled;
      nap.abort();
      await done;
    },
    intervalMs: () => intervalMs,
    lastNumber: () => lastNumber,
  };
}
