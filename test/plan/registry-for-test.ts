import { afterEach } from "vitest";
import { startDemoApi } from "../../src/demo/api.ts";
import type { DemoApi, DemoApiOptions } from "../../src/demo/demo-api.ts";
import { createRegistryClient, type RegistryClient } from "../../src/registry/client.ts";
import { budgetOf } from "../budget/budget-of.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

/** A stand-in and a client of it, which are closed after the test; `sent` counts the client's requests. */
export async function registryForTest(
  options: DemoApiOptions,
): Promise<{ api: DemoApi; registry: RegistryClient; sent: () => number }> {
  const api = await startDemoApi(options);
  opened.push(api);
  let sent = 0;
  const registry = createRegistryClient({
    ...api,
    budget: budgetOf("unlimited"),
    retries: { minDelayMs: 1, jitter: false },
    onRequest: () => (sent += 1),
  });
  opened.push(registry);
  return { api, registry, sent: () => sent };
}
