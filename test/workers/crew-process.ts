import { openBackend } from "../../src/backends/open.ts";
import { budgetKey, createBudget } from "../../src/budget/budget.ts";
import { createRegistryClient } from "../../src/registry/client.ts";
import { parseRate } from "../../src/rate.ts";
import { Crew } from "../../workers/crew.ts";

/*
 * A worker process with short locks, for tests that freeze one for longer than that:
 * `node crew-process.ts '{"url": …, "baseUrl": …, "accountId": …, "token": …, "lockMs": …}'`. Says `ready`; SIGTERM ends it.
 */

const { url, baseUrl, accountId, token, lockMs } = JSON.parse(process.argv[2]!) as Record<string, string> & {
  lockMs: number;
};
const api = { baseUrl: baseUrl!, accountId: accountId!, token: token! };
const backend = await openBackend({ url: url!, dataDir: "" });
const budget = createBudget({
  state: backend.budget,
  key: budgetKey(api.token, api.accountId),
  ...parseRate("unlimited"),
});
const crew = new Crew({
  backend,
  accountId: api.accountId,
  connect: (onRequest) => createRegistryClient({ ...api, budget, onRequest }),
  concurrency: 8,
  by: "crew@test",
  lockMs,
});
await crew.start();
process.stdout.write("ready\n");
process.once("SIGTERM", () => {
  void crew.stop().then(() => backend.close());
});
