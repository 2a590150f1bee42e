import { expect, test } from "vitest";
import { eachOf } from "../../src/changes/each-of.ts";

async function* breakingOff() {
  yield [];
  yield [1, 2];
  yield [3];
  throw new Error("broke off");
}

test("gives every item of every batch in order, and passes on an error behind those before it", async () => {
  const seen: number[] = [];
  await expect(
    (async () => {
      for await (const item of eachOf(breakingOff())) seen.push(item);
    })(),
  ).rejects.toThrow("broke off");
  expect(seen).toEqual([1, 2, 3]);
});

test("closes the batches when it is left", async () => {
  let closed = false;
  async function* batches() {
    try {
      yield [1, 2];
    } finally {
      closed = true;
    }
  }
  for await (const _ of eachOf(batches())) break;
  expect(closed).toBe(true);
});
