import { afterAll, beforeAll, describe } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { type BudgetFile, openBudgetFile } from "../../src/backends/embedded/budget-file.ts";
import { openBackend } from "../../src/backends/open.ts";
import { embeddedForTest } from "../datastores.ts";
import { describeBudget } from "./budget-contract.ts";
import { describePages } from "./pages-contract.ts";
import { describeQueue } from "./queue-contract.ts";
import { describeRunStores } from "./run-store-contract.ts";
import { describeScheduleStore } from "./schedule-store-contract.ts";

describe("embedded", () => {
  let owner: Backend;
  let guest: Backend;
  let file: BudgetFile;
  let uptimeMs: number;
  beforeAll(async () => {
    const dataDir = await embeddedForTest();
    owner = await openBackend({ url: null, dataDir });
    guest = await openBackend({ url: null, dataDir });
    file = openBudgetFile(owner.address, () => uptimeMs);
  });
  afterAll(async () => {
    file.close();
    await guest.close();
    await owner.close();
  });
  describeRunStores(() => [owner, guest]);
  describePages(() => [owner, guest]);
  describeBudget(
    () => [owner, guest],
    async (key, clock, ask) => {
      uptimeMs = clock;
      return await file.budget.exchange(key, ask);
    },
  );
  describeScheduleStore(() => [owner, guest]);
  describeQueue(() => owner);
});
