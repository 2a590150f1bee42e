import { expect, test } from "vitest";
import { deviationsFor, tailBeyond } from "../../src/budget/normal.ts";

test.each([
  [0, 0.5],
  [1, 0.158655],
  [-1, 0.841345],
  [3.0902, 0.001],
])("more than %d deviations above the mean is %d of all cases", (deviations, share) => {
  expect(tailBeyond(deviations)).toBeCloseTo(share, 5);
  expect(deviationsFor(share)).toBeCloseTo(deviations, 2);
});
