import type { BudgetAnswer, BudgetAsk } from "./exchange.ts";

/** Leave to send one request. */
export interface Permit {
  /** Counts the permits of all processes: between two, about as many requests were sent as their numbers differ. */
  readonly number: number;
  /** When it was given, by the budget's clock. */
  readonly at: number;
  /** To settle it by. */
  readonly stamp: number;
  /** Requests of all processes that may have been on their way then, this one included. */
  readonly flying: number;
  /** Requests that the budget counted then, of all processes. */
  readonly used: number;
  /** So many of all that were ever sent had been answered by then. */
  readonly answered: number;
}

/** Resolves after `ms`, or at once when the signal is aborted; never rejects. In the background it keeps no process alive. */
export type Sleep = (ms: number, signal: AbortSignal, inBackground?: boolean) => Promise<void>;

export interface PermitQueueOptions {
  exchange: (ask: Pick<BudgetAsk, "want" | "urgent" | "settled" | "returned">) => Promise<BudgetAnswer>;
  now: () => number;
  sleep: Sleep;
}

/** Gives each caller of one process a permit: takes them together, ahead where they are used fast, and gives back what is left. */
export interface PermitQueue {
  take(signal: AbortSignal | undefined, urgent: boolean): Promise<Permit>;
  /** The request of this permit was answered, or failed. */
  settle(permit: Permit): void;
  /** The number of the last permit that was taken by any process, as far as is known; 0 before the first. */
  lastNumber(): number;
  /** Tells what was settled so far. Never rejects. */
  tellSettled(): Promise<void>;
  /** Gives back what is held, and asks for nothing more for so long. */
  holdOff(forMs: number): void;
  /** Gives back what is held, and tells what was settled. Never rejects. */
  close(): Promise<void>;
}

/** Permits are taken ahead for so long, and as long as a question takes, by how fast the last ones were used. */
const AHEAD_MS = 25;
const MOST_AHEAD_MS = 250;
const MOST_AHEAD = 512;
/** A permit that was not used for so long is given back. */
const KEEP_MS = 100;
/** The news of settled permits waits so long for a question to go with. */
const FLUSH_MS = 250;
/** Held back by a frozen process, it might no longer count when its request arrives. */
const LONGEST_KEEP_MS = 2_000;
/** The backend may be away when a process ends: what it was not told counts until its flight is over. */
const LONGEST_CLOSE_MS = 1_000;
/** The longest nap between two questions, so that the shared state sees the time pass whatever its clock does. */
const LONGEST_NAP_MS = 60_000;

interface Settled {
  stamp: number;
  at: number;
  count: number;
}

interface Waiter {
  give(permit: Permit): void;
  fail(reason: unknown): void;
}

export function createPermitQueue({ exchange, now, sleep }: PermitQueueOptions): PermitQueue {
  /** In the order in which they came. */
  const urgentOnes = new Set<Waiter>();
  const otherOnes = new Set<Waiter>();
  let held: Omit<Permit, "answered">[] = [];
  let settled: Settled[] = [];
  let newest = new Map<number, Settled>();
  let returned: number[] = [];
  let lastNumber = 0;
  /** Of all that were ever sent, so many had been answered when the last question was. */
  let lastAnswered = 0;
  /** Permits that were settled since. */
  let settledSince = 0;
  let retryAt = Number.NEGATIVE_INFINITY;
  let urgentRetryAt = Number.NEGATIVE_INFINITY;
  /** Permits given to callers since the last question, and when that was. */
  let given = 0;
  let askedAt = now();
  /** How long the last question took. */
  let askMs = 0;
  let asking: Promise<void> | null = null;
  let serving = false;
  let flushing = false;
  let nap = new AbortController();

  async function take(signal: AbortSignal | undefined, urgent: boolean): Promise<Permit> {
    signal?.throwIfAborted();
    const permit = isAwaited() ? null : takeHeld();
    return permit ?? (await wait(signal, urgent));
  }

  function wait(signal: AbortSignal | undefined, urgent: boolean): Promise<Permit> {
    return new Promise((resolve, reject) => {
      const waiters = urgent ? urgentOnes : otherOnes;
      const leave = (): void => {
        waiters.delete(waiter);
        signal?.removeEventListener("abort", onAbort);
      };
      const waiter: Waiter = {
        give: (permit) => {
          leave();
          resolve(permit);
        },
        fail: (reason) => {
          leave();
          reject(reason);
        },
      };
      const onAbort = (): void => {
        waiter.fail(signal!.reason);
        nap.abort();
      };
      signal?.addEventListener("abort", onAbort);
      waiters.add(waiter);
      if (!serving) void serve();
      else if (urgent) nap.abort();
    });
  }

  const isAwaited = () => urgentOnes.size + otherOnes.size > 0;

  /** Runs while somebody waits. */
  async function serve(): Promise<void> {
    serving = true;
    try {
      // Callers of the same moment share one question.
      await Promise.resolve();
      giveHeld();
      while (isAwaited()) {
        await askOrNap();
        giveHeld();
      }
    } catch (error) {
      for (const waiter of [...urgentOnes, ...otherOnes]) waiter.fail(error);
    } finally {
      serving = false;
    }
  }

  async function askOrNap(): Promise<void> {
    if (asking !== null) return await asking;
    const urgent = urgentOnes.size > 0;
    const napMs = (urgent ? urgentRetryAt : retryAt) - now();
    if (napMs <= 0) return await ask(urgent);
    nap = new AbortController();
    await sleep(napMs, nap.signal);
  }

  function ask(urgent: boolean): Promise<void> {
    asking ??= askNow(urgent).finally(() => (asking = null));
    return asking;
  }

  async function askNow(urgent: boolean): Promise<void> {
    const before = now();
    const aheadMs = Math.min(MOST_AHEAD_MS, AHEAD_MS + askMs);
    const ahead = urgent ? 0 : Math.min(MOST_AHEAD, Math.floor((given * aheadMs) / Math.max(1, before - askedAt)));
    const waiting = urgent ? urgentOnes.size : otherOnes.size;
    const want = waiting === 0 ? 0 : waiting + ahead;
    askedAt = before;
    given = 0;
    const cargo = { settled: settled.flatMap(({ stamp, at, count }) => [stamp, before - at, count]), returned };
    settled = [];
    settledSince = 0;
    newest = new Map();
    returned = [];
    const answer = await exchange({ want, urgent, ...cargo });
    const heard = now();
    askMs = heard - before;
    lastNumber = answer.number;
    lastAnswered = answer.number - answer.flying;
    if (answer.granted < waiting) {
      const askAgainAt = heard + Math.min(answer.retryInMs, LONGEST_NAP_MS);
      if (urgent) urgentRetryAt = askAgainAt;
      else retryAt = askAgainAt;
    }
    for (let i = 0; i < answer.granted; i++) {
      held.push({
        number: answer.number - answer.granted + 1 + i,
        at: heard,
        stamp: answer.stamp,
        flying: answer.flying,
        used: answer.used,
      });
    }
  }

  function giveHeld(): void {
    for (const waiters of [urgentOnes, otherOnes]) {
      for (const waiter of waiters) {
        const permit = takeHeld();
        if (permit === null) return;
        waiter.give(permit);
      }
    }
    if (held.length > 0) flushLater();
  }

  /** One of those that are held, as given now; null where there is none that still counts. */
  function takeHeld(): Permit | null {
    const at = now();
    if (held.length > 0 && at - held[0]!.at > LONGEST_KEEP_MS) returnHeld();
    const permit = held.shift();
    if (permit === undefined) return null;
    given++;
    return { ...permit, at, answered: lastAnswered + settledSince };
  }

  function returnHeld(): void {
    for (const { stamp } of held) {
      if (returned.at(-2) === stamp) returned[returned.length - 1]! += 1;
      else returned.push(stamp, 1);
    }
    held = [];
  }

  function settle({ stamp }: Permit): void {
    const at = now();
    settledSince++;
    const last = newest.get(stamp);
    // What was answered within a millisecond goes as if all of it had been answered last.
    if (last !== undefined && at - last.at < 1) {
      last.count++;
      last.at = at;
    } else {
      const one = { stamp, at, count: 1 };
      settled.push(one);
      newest.set(stamp, one);
    }
    flushLater();
  }

  function isTooOld(): boolean {
    return held.length > 0 && now() - held[0]!.at >= KEEP_MS;
  }

  function flushLater(): void {
    if (flushing) return;
    flushing = true;
    void flushAfter(held.length > 0 ? KEEP_MS : FLUSH_MS);
  }

  async function flushAfter(ms: number): Promise<void> {
    await sleep(ms, new AbortController().signal, true);
    flushing = false;
    if (settled.length > 0 || isTooOld()) await flush();
    else if (held.length > 0) flushLater();
  }

  /** Where it fails, what was settled counts until its flight is over. */
  async function flush(): Promise<void> {
    if (asking !== null) return await asking.catch(() => {});
    if (isTooOld()) returnHeld();
    await ask(false).catch(() => {});
  }

  return {
    take,
    settle,
    lastNumber: () => lastNumber,
    tellSettled,
    holdOff(forMs) {
      returnHeld();
      retryAt = urgentRetryAt = now() + Math.min(forMs, LONGEST_NAP_MS);
    },
    async close() {
      const told = new AbortController();
      const late = sleep(LONGEST_CLOSE_MS, told.signal, true);
      await Promise.race([tellAll(), late]);
      told.abort();
    },
  };

  async function tellSettled(): Promise<void> {
    await asking?.catch(() => {});
    if (settled.length > 0) await flush();
  }

  async function tellAll(): Promise<void> {
    returnHeld();
    await asking?.catch(() => {});
    if (settled.length > 0 || returned.length > 0) await flush();
  }
}
