import type { Budget } from "../budget/budget.ts";
import type { ApiSettings } from "../config.ts";
import type { Rate } from "../rate.ts";
import { VERSION } from "../version.ts";
import { openApiBudget } from "./api-budget.ts";
import { createRegistryClient, type RegistryClient, type RequestInfo } from "./client.ts";

/** The live registry as one process uses it: every client that it makes spends from the one budget of the token. */
export interface Registry {
  api: ApiSettings;
  budget: Budget;
  /** What the budget allows. */
  rate: Rate;
  /** How long the quickest answer took that any client got, milliseconds; null: none came yet. */
  quickestAnswerMs(): number | null;
  /** `urgent`: somebody waits for what it asks, so that its requests go before all others. */
  connect(onRequest?: (info: RequestInfo) => void, options?: { urgent?: boolean }): RegistryClient;
}

/** Opens nothing yet: a connection is made with the first request. It takes what `openApiBudget` takes. */
export function openRegistry(...spending: Parameters<typeof openApiBudget>): Registry {
  const [api, rate] = spending;
  const budget = openApiBudget(...spending);
  let quickestMs: number | null = null;
  return {
    api,
    budget,
    rate,
    quickestAnswerMs: () => quickestMs,
    connect: (onRequest, { urgent = false } = {}) =>
      createRegistryClient({
        baseUrl: api.baseUrl,
        accountId: api.accountId,
        token: api.token.reveal(),
        userAgent: `bulkpatch/${VERSION}`,
        budget: urgent ? budget.urgent : budget,
        proxy: api.proxy,
        onRequest: (info) => {
          if (info.status === 200) quickestMs = Math.min(quickestMs ?? info.durationMs, info.durationMs);
          onRequest?.(info);
        },
      }),
  };
}

/** Uses a client for one piece of work, and closes it. Answers what came of it, with the requests that it took. */
export async function withClient<T>(
  registry: Pick<Registry, "connect">,
  use: (client: RegistryClient) => Promise<T>,
): Promise<{ value: T; requests: number }> {
  let requests = 0;
  const client = registry.connect(() => (requests += 1), { urgent: true });
  try {
    const value = await use(client);
    return { value, requests };
  } finally {
    await client.close();
  }
}
