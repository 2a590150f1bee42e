/**
 * Collects what is asked for while an earlier batch is under way and hands it on as one: at most one batch is open, none waits
 * for company. Each caller gets its own answer, or its batch's error.
 */
export class Batcher<In, Out> {
  readonly #handle: (items: In[]) => Promise<Out[]>;
  readonly #most: number;
  #waiting: { item: In; resolve: (out: Out) => void; reject: (error: unknown) => void }[] = [];
  #busy = false;

  /** `handle` answers as many values as it got items, in their order; `most`: items a batch, at the most. */
  constructor(handle: (items: In[]) => Promise<Out[]>, most = 100) {
    this.#handle = handle;
    this.#most = most;
  }

  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#busy) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#busy = true;
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
    this.#busy = false;
  }
}
