import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startDemoApi } from "../../src/demo/api.ts";
import { type DemoApi } from "../../src/demo/demo-api.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { REFUSALS } from "../../src/demo/settings.ts";

/* The schemas of Cloudflare's OpenAPI description, field by field and strict: the stand-in may add nothing of its own. */

const message = z.strictObject({
  code: z.int().min(1000),
  message: z.string(),
  documentation_url: z.string().optional(),
  source: z.strictObject({ pointer: z.string().optional() }).optional(),
});
const entry = z.strictObject({
  id: z.uuid(),
  comments: z.string().nullable(),
  created_at: z.iso.datetime(),
  directory_id: z.int().nullable(),
  directory_node_id: z.int().nullable(),
  email: z.string(),
  external_directory_node_id: z.string().nullable(),
  is_email_regex: z.boolean(),
  last_modified: z.iso.datetime(),
  modified_at: z.iso.datetime(),
  name: z.string().max(1024),
  provenance: z.enum(["A1S_INTERNAL", "SNOOPY-CASB_OFFICE_365", "SNOOPY-OFFICE_365", "SNOOPY-GOOGLE_DIRECTORY"]),
});
const envelope = { success: z.literal(true), errors: z.array(message), messages: z.array(message) };
const oneEntry = z.strictObject({ ...envelope, result: entry });
const entryList = z.strictObject({
  ...envelope,
  result: z.array(entry),
  result_info: z.strictObject({ count: z.int(), page: z.int(), per_page: z.int(), total_count: z.int() }),
});
const clientError = z.strictObject({
  success: z.literal(false),
  errors: z.array(message).min(1),
  messages: z.array(message),
  result: z.null(),
});

let api: DemoApi;
beforeAll(async () => {
  api = await startDemoApi({ entries: sampleRegistry({ size: 300, seed: 8 }) });
});
afterAll(() => api.close());

async function call(path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const url = `${api.baseUrl}/accounts/${api.accountId}/email-security/settings/impersonation_registry${path}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${api.token}` }, ...init });
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  return { status: response.status, body: await response.json() };
}
const update = (id: string, set: object) => call(`/${id}`, { method: "PATCH", body: JSON.stringify(set) });
const some = (synced: boolean) => api.entries().find((one) => (one.provenance !== "A1S_INTERNAL") === synced)!;

describe("the stand-in answers as Cloudflare's OpenAPI description says", () => {
  test("a page of the listing", async () => {
    const { body } = await call("?page=2&per_page=100");
    expect(entryList.parse(body).result).toHaveLength(100);
  });

  test("one entry", async () => {
    for (const { id } of [some(true), some(false)])
      expect(oneEntry.parse((await call(`/${id}`)).body).result.id).toBe(id);
  });

  test("an entry that was updated, in every field at once", async () => {
    const set = {
      comments: "x",
      directory_id: 1,
      directory_node_id: 2,
      email: "new@example.com",
      external_directory_node_id: "3",
      is_email_regex: false,
      name: "New Name",
      provenance: "A1S_INTERNAL",
    };
    const { body } = await update(some(false).id, set);
    expect(oneEntry.parse(body).result).toMatchObject(set);
  });

  test.each([
    ["a page that is too large", () => call("?per_page=5000"), 400],
    ["an unknown entry", () => call("/f174e90a-fafe-4643-bbbc-4a0ed4fc8415"), 404],
    ["an invalid field", () => update(some(false).id, { name: "" }), 400],
    ["a synced entry", () => update(some(true).id, { name: "New Name" }), 400],
    ["a wrong token", () => call("", { headers: { authorization: "Bearer wrong-token" } }), 401],
  ])("a refusal: %s", async (_name, refused, status) => {
    const answer = await refused();
    expect(answer.status).toBe(status);
    clientError.parse(answer.body);
  });

  test.each(Object.entries(REFUSALS))("a refusal of every call: %s", async (_name, refusal) => {
    api.set({ refuseAll: refusal });
    const { status, body } = await call("");
    api.set({ refuseAll: null });
    expect(status).toBe(refusal.status);
    expect(clientError.parse(body).errors[0]!.code).toBe(refusal.code);
  });

  test("a call over the limit", async () => {
    api.set({ limit: { requests: 1, windowMs: 60_000, window: "fixed", blockMs: 60_000, retryAfter: true } });
    await call("");
    const { status, body } = await call("");
    api.set({ limit: null });
    expect(status).toBe(429);
    clientError.parse(body);
  });
});
