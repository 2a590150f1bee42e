import { expect, it } from "vitest";
import { Batcher } from "../../workers/batcher.ts";

it("hands on together what comes while a batch is under way, and gives each caller its own answer", async () => {
  const batches: number[][] = [];
  const gates: (() => void)[] = [];
  const batcher = new Batcher<number, number>(
    async (items) => {
      batches.push(items);
      await new Promise<void>((resolve) => gates.push(resolve));
      return items.map((item) => item * 10);
    },
    { most: 3 },
  );
  const answers = Promise.all([1, 2, 3, 4, 5].map((item) => batcher.add(item)));
  await next();
  expect(batches).toEqual([[1, 2, 3]]);
  const late = batcher.add(6);
  gates[0]!();
  await next();
  expect(batches).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  gates[1]!();
  expect([...(await answers), await late]).toEqual([10, 20, 30, 40, 50, 60]);
});

it("a batch that fails is its callers' failure alone", async () => {
  let calls = 0;
  const batcher = new Batcher<string, string>(async (items) => {
    calls += 1;
    if (calls === 1) throw new Error("the store is away");
    return items;
  });
  const first = await Promise.allSettled([batcher.add("a"), batcher.add("b")]);
  expect(first.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await batcher.add("c")).toBe("c");
});

it("lets a batch that is not full wait for company, and no other", async () => {
  const batches: number[][] = [];
  const batcher = new Batcher<number, void>(
    async (items) => {
      batches.push(items);
      return items.map(() => undefined);
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
