import { expect, it } from "vitest";
import { parseRate } from "../../src/rate.ts";
import { rowsAJob } from "../../src/runs/rows-a-job.ts";

it.for([
  [100_000, "unlimited", 250],
  [100_000, "40/s", 80],
  [100_000, "1140/5m", 7],
  [100_000, "100/5m", 1],
  [320, "unlimited", 10],
  [20, "unlimited", 1],
  [0, "unlimited", 1],
] as const)("%d rows at %s: %d in a job", ([rows, rate, expected]) => {
  expect(rowsAJob(rows, parseRate(rate))).toBe(expected);
});
