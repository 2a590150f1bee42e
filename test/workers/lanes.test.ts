import { expect, it } from "vitest";
import { Lanes } from "../../workers/lanes.ts";

it("lets so many in at a time, in the order in which they came", async () => {
  const lanes = new Lanes(2);
  const inside: number[] = [];
  const leave: (() => void)[] = [];
  const all = Array.from({ length: 5_000 }, async (_, i) => {
    leave[i] = await lanes.enter();
    inside.push(i);
  });
  await Promise.all(all.slice(0, 2));
  expect(inside).toEqual([0, 1]);
  leave[1]!();
  leave[1]!(); // twice is once
  await all[2];
  expect(inside).toEqual([0, 1, 2]);
  leave[0]!();
  for (let i = 2; i < 5_000; i += 1) {
    await all[i];
    leave[i]!();
  }
  expect(inside).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
  expect(await Promise.all([lanes.enter(), lanes.enter()])).toHaveLength(2);
});
