/** Chunks that can be looked at before they are read. */
export interface Peekable extends AsyncIterable<Buffer> {
  /** The first bytes, without taking them: at least `count`, or all there are. */
  peek(count: number): Promise<Buffer>;
}

export function makePeekable(chunks: AsyncIterable<Buffer>): Peekable {
  const iterator = chunks[Symbol.asyncIterator]();
  let held: Buffer[] = [];
  let heldBytes = 0;
  return {
    async peek(count) {
      while (heldBytes < count) {
        const next = await iterator.next();
        if (next.done === true) break;
        held.push(next.value);
        heldBytes += next.value.length;
      }
      held = [Buffer.concat(held)];
      return held[0]!;
    },
    async *[Symbol.asyncIterator]() {
      try {
        yield* held.splice(0);
        yield* { [Symbol.asyncIterator]: () => iterator };
      } finally {
        await iterator.return?.();
      }
    },
  };
}
