/**
 * The items of batches one by one. Those of a batch come without a turn of a generator each, which would cost as much as reading and checking
 * a row does.
 */
export function eachOf<T>(batches: AsyncIterable<readonly T[]>): AsyncIterableIterator<T, undefined> {
  const iterator = batches[Symbol.asyncIterator]();
  let batch: readonly T[] = [];
  let at = 0;

  async function refill(): Promise<IteratorResult<T, undefined>> {
    do {
      const next = await iterator.next();
      if (next.done === true) return { done: true, value: undefined };
      batch = next.value;
      at = 0;
    } while (batch.length === 0);
    return { done: false, value: batch[at++]! };
  }

  return {
    next: () => (at < batch.length ? Promise.resolve({ done: false, value: batch[at++]! }) : refill()),
    async return() {
      batch = [];
      await iterator.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
