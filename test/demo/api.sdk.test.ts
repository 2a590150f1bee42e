import Cloudflare, { type APIError, AuthenticationError, BadRequestError, RateLimitError } from "cloudflare";
import { afterEach, describe, expect, test } from "vitest";
import { startDemoApi } from "../../src/demo/api.ts";
import { type DemoApi, type DemoApiOptions } from "../../src/demo/demo-api.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";

const opened: DemoApi[] = [];
afterEach(async () => {
  for (const api of opened.splice(0)) await api.close();
});

async function start(options: DemoApiOptions = {}) {
  const api = await startDemoApi({ entries: sampleRegistry({ size: 130, seed: 3 }), ...options });
  opened.push(api);
  const client = new Cloudflare({ apiToken: api.token, baseURL: api.baseUrl, maxRetries: 0 });
  return { api, registry: client.emailSecurity.settings.impersonationRegistry, account_id: api.accountId };
}

describe("Cloudflare's own SDK, against the stand-in,", () => {
  test("lists every entry over all pages", async () => {
    const { api, registry, account_id } = await start();
    const listed = [];
    for await (const entry of registry.list({ account_id, per_page: 50 })) listed.push(entry);
    expect(listed).toEqual(api.entries());
    expect(api.requests().length).toBeGreaterThanOrEqual(3);
  });

  test("gets and edits an entry", async () => {
    const { api, registry, account_id } = await start();
    const entry = api.entries().find(({ provenance }) => provenance === "A1S_INTERNAL")!;
    expect(await registry.get(entry.id, { account_id })).toEqual(entry);
    const edited = await registry.edit(entry.id, { account_id, name: "New Name", comments: null });
    expect(edited).toMatchObject({ id: entry.id, name: "New Name", comments: null, email: entry.email });
    expect(api.registry.get(entry.id)).toEqual(edited);
  });

  test("reads its refusals as its own errors, with Cloudflare's code", async () => {
    const { api, registry, account_id } = await start();
    const synced = api.entries().find(({ provenance }) => provenance !== "A1S_INTERNAL")!;
    const refusal = await registry.edit(synced.id, { account_id, name: "x" }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(BadRequestError);
    expect((refusal as APIError).errors).toMatchObject([{ code: 10020 }]);
    api.set({ token: "another" });
    await expect(registry.get(synced.id, { account_id })).rejects.toBeInstanceOf(AuthenticationError);
  });

  test("is throttled like anybody else", async () => {
    const { registry, account_id } = await start({
      limit: { requests: 1, windowMs: 60_000, window: "fixed", blockMs: 60_000, retryAfter: true },
    });
    await registry.list({ account_id });
    await expect(registry.list({ account_id })).rejects.toBeInstanceOf(RateLimitError);
  });
});
