import { setImmediate } from "node:timers/promises";

/** The longest that a row of turns keeps the process from everything else, milliseconds. */
const LONGEST = 5;

/**
 * Lets one at a time in, in the order of asking. PGlite works inside this process and its promises never wait for anything,
 * so now and then a turn begins with a breath for timers and sockets: they would starve under a loop of statements.
 */
export class Mutex {
  #last: Promise<void> = Promise.resolve();
  #breathedAt = performance.now();

  /** Resolves when it is the caller's turn, with the function that ends it. */
  async take(): Promise<() => void> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    if (performance.now() - this.#breathedAt > LONGEST) {
      await setImmediate();
      this.#breathedAt = performance.now();
    }
    return resolve;
  }
}
