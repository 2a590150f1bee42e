import { expect, it } from "vitest";
import { backendForTest } from "./backend-for-test.ts";
import { playStrictRun } from "./strict-run.ts";

/* `npm run bench -- budget.strict --long` plays a hundred of these, of random sizes. */

it.for([
  ["embedded", 2],
  ["redis", 3],
  ["postgres", 2],
] as const)(
  "a server that counts strictly never answers 429 to runs on %s with %i processes",
  async ([kind, processes], context) => {
    const settings = await backendForTest(kind, context);
    const { throttled, fullest, lost } = await playStrictRun({ settings, rows: 180, processes, latencyMs: 60 });
    expect({ throttled, lost }).toEqual({ throttled: 0, lost: 0 });
    expect(fullest).toBeLessThanOrEqual(114);
  },
);
