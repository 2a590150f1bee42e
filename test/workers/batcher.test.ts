import { expect, it } from "vitest";
import { Batcher } from "../../workers/batcher.ts";

it("hands on a batch for each lane, and gives each caller its own answer", async () => {
  const batches: number[][] = [];
  const gates: (() => void)[] = [];
  const batcher = new Batcher<number, number>(
    async (items) => {
      batches.push(items);
      await new Promise<void>((resolve) => gates.push(resolve));
      return items.map((item) => item * 10);
    },
    { most: 3, lanes: 1 },
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

function next(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
