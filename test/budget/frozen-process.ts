import { createRegistryClient } from "../../src/registry/client.ts";
import { budgetOf } from "./budget-of.ts";

/* Reads an entry again and again at 95 a second, until it is killed. */

const [baseUrl = "", accountId = "", token = "", id = ""] = process.argv.slice(2);
const client = createRegistryClient({ baseUrl, accountId, token, budget: budgetOf("95/1s") });

async function readOn(): Promise<void> {
  for (;;) await client.get(id);
}
await Promise.all(Array.from({ length: 8 }, readOn));
