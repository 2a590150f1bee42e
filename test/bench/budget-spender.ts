import { tmpdir } from "node:os";
import { openBackend } from "../../src/backends/open.ts";
import { budgetKey, createBudget } from "../../src/budget/budget.ts";
import { createRegistryClient } from "../../src/registry/client.ts";
import { parseRate } from "../../src/rate.ts";

/* One process of budget.ts: reads an entry so many times, as fast as the shared budget lets it, or until it is killed. */

const [url = "", rate = "", baseUrl = "", accountId = "", token = "", id = "", count = "Infinity"] =
  process.argv.slice(2);
const backend = await openBackend({ url, dataDir: tmpdir() });
const budget = createBudget({ state: backend.budget, key: budgetKey(token, accountId), ...parseRate(rate) });
const client = createRegistryClient({ baseUrl, accountId, token, budget });
let left = Number(count);

async function readOn(): Promise<void> {
  while (left-- > 0) await client.get(id);
}
await Promise.all(Array.from({ length: 8 }, readOn));
await client.close();
await budget.close();
await backend.close();
