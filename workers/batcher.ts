export interface BatcherOptions {
  /** Items a batch, at the most; default 100. */
  most?: number;
  /** Batches that are under way at a time; default 2: with one alone, everybody waits for two round trips where one would do. */
  lanes?: number;
}

interface Waiting<In, Out> {
  item: In;
  resolve: (out: Out) => void;
  reject: (error: unknown) => void;
}

/**
 * Collects what is asked for while earlier batches are under way and hands it on as one; nothing waits for company.
 * Each caller gets its own answer, or its batch's error.
 */
export class Batcher<In, Out> {
  readonly #handle: (items: In[]) => Promise<Out[]>;
  readonly #most: number;
  readonly #lanes: number;
  #waiting: Waiting<In, Out>[] = [];
  #busy = 0;

  /** `handle` answers as many values as it got items, in their order. */
  constructor(handle: (items: In[]) => Promise<Out[]>, { most = 100, lanes = 2 }: BatcherOptions = {}) {
    this.#handle = handle;
    this.#most = most;
    this.#lanes = lanes;
  }

  /** Items that wait for a batch. */
  get size(): number {
    return this.#waiting.length;
  }

  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#busy < this.#lanes) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#busy += 1;
    await Promise.resolve(); // lets calls of the same turn come along
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#most);
      try {
        const answers = await this.#handle(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, index) => resolve(answers[index]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#busy -= 1;
  }
}
