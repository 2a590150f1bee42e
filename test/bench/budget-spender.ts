import { tmpdir } from "node:os";
import { openBackend } from "../../src/backends/open.ts";
import { budgetKey, createBudget } from "../../src/budget/budget.ts";
import { createRegistryClient } from "../../src/registry/client.ts";
import { parseRate } from "../../src/rate.ts";

/* One process of budget.ts: reads an entry again and again, as fast as the shared budget lets it, until it is killed. */

const [url = "", rate = "", baseUrl = "", accountId = "", token = "", id = ""] = process.argv.slice(2);
const backend = await openBackend({ url, dataDir: tmpdir() });
const budget = createBudget({ state: backend.budget, key: budgetKey(token, accountId), ...parseRate(rate) });
const client = createRegistryClient({ baseUrl, accountId, token, budget });

async function readOn(): Promise<void> {
  for (;;) await client.get(id);
}
await Promise.all(Array.from({ length: 8 }, readOn));
