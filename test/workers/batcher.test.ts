import { expect, it } from "vitest";
import { Batcher } from "../../workers/batcher.ts";

it("hands on together what comes while a batch is under way, and tells each caller when its batch is done", async () => {
  const batches: number[][] = [];
  const gates: (() => void)[] = [];
  const batcher = new Batcher<number>(
    async (items) => {
      batches.push(items);
      await new Promise<void>((resolve) => gates.push(resolve));
    },
    { most: 3, apartMs: 0 },
  );
  const done: number[] = [];
  const add = async (item: number): Promise<void> => {
    await batcher.add(item);
    done.push(item);
  };
  const first = Promise.all([1, 2, 3, 4, 5].map(add));
  await next();
  expect(batches).toEqual([[1, 2, 3]]);
  const late = add(6);
  expect(done).toEqual([]);
  gates[0]!();
  await next();
  expect(done).toEqual([1, 2, 3]);
  expect(batches).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  gates[1]!();
  await Promise.all([first, late]);
  expect(done).toEqual([1, 2, 3, 4, 5, 6]);
});

it("a batch that fails is its callers' failure alone", async () => {
  let calls = 0;
  const batcher = new Batcher<string>(
    async () => {
      calls += 1;
      if (calls === 1) throw new Error("the store is away");
    },
    { most: 100, apartMs: 0 },
  );
  const first = await Promise.allSettled([batcher.add("a"), batcher.add("b")]);
  expect(first.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await batcher.add("c");
  expect(calls).toBe(2);
});

it("lets a batch that is not full wait for company, and no other", async () => {
  const batches: number[][] = [];
  const batcher = new Batcher<number>(
    async (items) => {
      batches.push(items);
    },
    { most: 3, apartMs: 60_000 },
  );
  await batcher.add(1);
  const second = batcher.add(2);
  await next();
  expect(batches).toEqual([[1]]);
  await Promise.all([second, batcher.add(3), batcher.add(4)]);
  expect(batches).toEqual([[1], [2, 3, 4]]);
});

function next(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
