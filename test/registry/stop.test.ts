import { afterEach, beforeEach, expect, it } from "vitest";
import { startDemoApi } from "../../src/demo/api.ts";
import { type DemoApi } from "../../src/demo/demo-api.ts";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import type { Budget } from "../../src/budget/budget.ts";
import { budgetOf } from "../budget/budget-of.ts";
import { createRegistryClient, type RegistryClient } from "../../src/registry/client.ts";
import { until } from "../until.ts";

const STOP = new Error("told to stop");

const entries = sampleRegistry({ size: 1, syncedShare: 0 });
const [entry] = entries as [DemoEntry];
let api: DemoApi;
let client: RegistryClient;
let stop: AbortController;

beforeEach(async () => {
  api = await startDemoApi({ entries });
  stop = new AbortController();
});
afterEach(async () => {
  await client.close();
  await api.close();
});

function connect({
  take = async () => ({ number: 1, at: 0, stamp: 0, flying: 1, used: 1, answered: 0 }),
  headersMs = 400,
}: { take?: Budget["take"]; headersMs?: number } = {}): void {
  client = createRegistryClient({
    baseUrl: api.baseUrl,
    accountId: api.accountId,
    token: api.token,
    budget: { ...budgetOf("unlimited"), take },
    timeouts: { headersMs },
    retries: { minDelayMs: 60_000 },
  });
}

const update = () => client.update(entry.id, { comments: "new" }, { signal: stop.signal });

/** When the call has arrived. */
async function arrived(): Promise<void> {
  await until("the call arrives", () => api.requests().length > 0);
}

it("a PATCH that was sent is heard out, and its answer counts", async () => {
  connect();
  api.set({ latency: { minMs: 200, maxMs: 200 } });
  const updating = update();
  await arrived();
  stop.abort(STOP);
  expect((await updating).entry?.comments).toBe("new");
});

it("the refusal of a PATCH that was sent counts, too", async () => {
  connect();
  api.set({ latency: { minMs: 200, maxMs: 200 } });
  api.script({ answer: { status: 422, code: 12_345, message: "no" } });
  const updating = update();
  await arrived();
  stop.abort(STOP);
  await expect(updating).rejects.toMatchObject({ name: "RefusedError", status: 422 });
});

it("a PATCH that gets no answer holds the stop up for its time-out, and is not sent again", async () => {
  connect();
  api.script({ answer: { fault: "hang" } });
  const updating = update();
  await arrived();
  stop.abort(STOP);
  await expect(updating).rejects.toBe(STOP);
  expect(api.requests()).toHaveLength(1);
});

it("a GET is cut off at once", async () => {
  connect({ headersMs: 600_000 });
  api.script({ answer: { fault: "hang" } });
  const reading = client.get(entry.id, { signal: stop.signal });
  await arrived();
  stop.abort(STOP);
  await expect(reading).rejects.toBe(STOP);
});

it("the pause between two tries is cut off", async () => {
  connect();
  api.script({ answer: { fault: "500" } });
  const updating = update();
  await until("it is answered", () => api.requests()[0]?.status === 500);
  stop.abort(STOP);
  await expect(updating).rejects.toBe(STOP);
  expect(api.requests()).toHaveLength(1);
});

it("the wait for a permit is cut off, and nothing is sent", async () => {
  connect({
    take: (signal) =>
      new Promise((_resolve, reject) => {
        signal!.addEventListener("abort", () => reject(signal!.reason as Error));
      }),
  });
  const updating = update();
  stop.abort(STOP);
  await expect(updating).rejects.toBe(STOP);
  expect(api.requests()).toHaveLength(0);
});
