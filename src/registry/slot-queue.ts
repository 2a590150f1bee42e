import type { BudgetLook, Reservation } from "../backends/backend.ts";

/** Leave to send one request. */
export interface Permit {
  /** The how-manieth permit of this budget it is, over all processes; slots that were never used count too. */
  readonly number: number;
  /** When it was given, by the budget's clock. */
  readonly at: number;
}

/** Resolves after `ms`, or at once when the signal is aborted; never rejects. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export interface SlotQueueOptions {
  reserve: (count: number) => Promise<Reservation>;
  look: () => Promise<BudgetLook>;
  /** A slot that is taken up later than this is given up. */
  toleranceMs: number;
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

/** Slots are reserved this far ahead and no further, so that a change of pace takes hold soon. */
const AHEAD_MS = 250;
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

export function createSlotQueue({ reserve, look, toleranceMs, now, sleep }: SlotQueueOptions): SlotQueue {
  const stallMs = Math.max(toleranceMs, STALL_MS);
  /** In the order in which they came. */
  const waiters = new Set<Waiter>();
  let slots: Slot[] = [];
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
    slots = slots.filter((slot) => at - slot.at <= toleranceMs);
    const [head] = slots;
    if (head === undefined) return await reserveSome();
    reserveAhead();
    if (head.at > at) {
      nap = new AbortController();
      return await sleep(head.at - at, nap.signal);
    }
    if (at - heardAt > FRESH_MS) {
      const { epoch } = await look();
      const heard = now();
      heardAt = heard;
      slots = slots.filter((slot) => slot.epoch === epoch);
      if (heard - at > stallMs) return;
    }
    const due = slots.findIndex((slot) => slot.at > at);
    for (const slot of slots.splice(0, due === -1 ? slots.length : due)) give(slot);
  }

  function give({ number }: Slot): void {
    const [waiter] = waiters;
    if (waiter === undefined) return;
    waiters.delete(waiter);
    waiter.signal?.removeEventListener("abort", waiter.onAbort);
    lastNumber = Math.max(lastNumber, number);
    waiter.resolve({ number, at: now() });
  }

  function slotsWanted(): number {
    const ahead = intervalMs === 0 ? 1 : Math.max(1, Math.ceil(AHEAD_MS / intervalMs));
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
    if (heard - askedAt > stallMs && stalls++ < MAX_STALLS) return;
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
