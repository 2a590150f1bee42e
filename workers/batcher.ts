/** How items are gathered. */
export interface BatcherOptions {
  /** Items a batch, at the most. */
  most: number;
  /** A batch that is not full begins so many milliseconds after the one before it, at the earliest. */
  apartMs: number;
}

interface Waiting<Item> {
  item: Item;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Hands on together what is asked for within a short while, and while the batch before is under way; what comes after a rest goes
 * at once.
 */
export class Batcher<Item> {
  readonly #handle: (items: Item[]) => Promise<void>;
  readonly #most: number;
  readonly #apartMs: number;
  #waiting: Waiting<Item>[] = [];
  #busy = false;
  #begunAt = Number.NEGATIVE_INFINITY;
  #onFull: (() => void) | null = null;

  constructor(handle: (items: Item[]) => Promise<void>, { most, apartMs }: BatcherOptions) {
    this.#handle = handle;
    this.#most = most;
    this.#apartMs = apartMs;
  }

  /** Items that wait for a batch. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Resolves when the item's batch is done; rejects with the batch's error. */
  add(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#busy) void this.#drain();
      else if (this.#waiting.length >= this.#most) this.#onFull?.();
    });
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    await Promise.resolve(); // lets calls of the same turn come along
    while (this.#waiting.length > 0) {
      await this.#gather();
      this.#begunAt = performance.now();
      const batch = this.#waiting.splice(0, this.#most);
      try {
        await this.#handle(batch.map(({ item }) => item));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#busy = false;
  }

  async #gather(): Promise<void> {
    const ms = this.#begunAt + this.#apartMs - performance.now();
    if (ms <= 0 || this.#waiting.length >= this.#most) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onFull = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#onFull = null;
  }
}
