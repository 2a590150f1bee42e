import { afterEach } from "vitest";
import { startDemoApi } from "../../src/demo/api.ts";
import { type DemoApi, type DemoApiOptions } from "../../src/demo/demo-api.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import type { Budget } from "../../src/budget/budget.ts";
import {
  createRegistryClient,
  type RegistryClient,
  type RegistryClientOptions,
  type RequestInfo,
} from "../../src/registry/client.ts";
import { budgetOf } from "../budget/budget-of.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

/** Closes it after the test. */
export function closeAfterTest<T extends { close(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}

export interface OpenedRegistry {
  api: DemoApi;
  client: RegistryClient;
  budget: Budget;
  /** What the client told of its requests. */
  told: RequestInfo[];
  /** The id of an entry that can be updated. */
  ownId: string;
  syncedId: string;
}

/** A client of a stand-in with 40 entries. Retries come at once, unless asked otherwise. */
export async function openRegistry(
  apiOptions: DemoApiOptions = {},
  clientOptions: Partial<RegistryClientOptions> = {},
): Promise<OpenedRegistry> {
  const entries = sampleRegistry({ size: 40, seed: 4 });
  const api = closeAfterTest(await startDemoApi({ entries, ...apiOptions }));
  const budget = clientOptions.budget ?? budgetOf("unlimited");
  const told: RequestInfo[] = [];
  const client = closeAfterTest(
    createRegistryClient({
      baseUrl: api.baseUrl,
      accountId: api.accountId,
      token: api.token,
      onRequest: (info) => told.push(info),
      ...clientOptions,
      budget,
      retries: { minDelayMs: 1, jitter: false, ...clientOptions.retries },
    }),
  );
  const idWhere = (synced: boolean) =>
    api.entries().find((e) => (e.provenance !== "A1S_INTERNAL") === synced)?.id ?? "";
  return { api, client, budget, told, ownId: idWhere(false), syncedId: idWhere(true) };
}
