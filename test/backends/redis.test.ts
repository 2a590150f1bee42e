import { afterAll, beforeAll, describe } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { redisForTest } from "../datastores.ts";
import { describeBudget } from "./budget-contract.ts";
import { describeQueue } from "./queue-contract.ts";
import { describeRunStore } from "./run-store-contract.ts";

const url = await redisForTest();

describe.skipIf(url === null)("Redis", () => {
  let one: Backend;
  let two: Backend;
  beforeAll(async () => {
    [one, two] = await Promise.all([openBackend({ url, dataDir: "" }), openBackend({ url, dataDir: "" })]);
  });
  afterAll(async () => {
    await one.close();
    await two.close();
  });
  describeRunStore(() => [one, two]);
  describeBudget(() => [one, two]);
  describeQueue(() => one);
});
