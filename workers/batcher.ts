export interface BatcherOptions {
  /** Items a batch, at the most; default 100. */
  most?: number;
  /** A batch that is not full begins so many milliseconds after the one before it, at the earliest; default 0. */
  apartMs?: number;
}

interface Waiting<In, Out> {
  item: In;
  resolve: (out: Out) => void;
  reject: (error: unknown) => void;
}

/**
 * Hands on together what is asked for within a short while, and while the batch before is under way; what comes after a rest goes
 * at once. Each caller gets its own answer, or its batch's error.
 */
export class Batcher<In, Out> {
  readonly #handle: (items: In[]) => Promise<Out[]>;
  readonly #most: number;
  readonly #apartMs: number;
  #waiting: Waiting<In, Out>[] = [];
  #busy = false;
  #begunAt = Number.NEGATIVE_INFINITY;
  #onFull: (() => void) | null = null;

  /** `handle` answers as many values as it got items, in their order. */
  constructor(handle: (items: In[]) => Promise<Out[]>, { most = 100, apartMs = 0 }: BatcherOptions = {}) {
    this.#handle = handle;
    this.#most = most;
    this.#apartMs = apartMs;
  }

  /** Items that wait for a batch. */
  get size(): number {
    return this.#waiting.length;
  }

  add(item: In): Promise<Out> {
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
        const answers = await this.#handle(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, index) => resolve(answers[index]!));
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
