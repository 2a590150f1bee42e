import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { takeSource, type TakeOptions } from "../../src/schedules/take-source.ts";
import { type HttpsServer, startHttpsServer } from "../changes/https-server.ts";

let server: HttpsServer;
let content = "email,name\nada@example.com,Ada\n";
let seen: { token: string | undefined; condition: string | undefined; status: number }[] = [];
let folder: string;

beforeAll(async () => {
  server = await startHttpsServer((request, response) => {
    const { authorization: token, "if-none-match": condition } = request.headers;
    const etag = `"${content.length}"`;
    const status = token !== "Bearer s3cret-token" ? 401 : condition === etag ? 304 : 200;
    seen.push({ token, condition, status });
    response.writeHead(status, { etag, "last-modified": "Mon, 02 Mar 2026 12:00:00 GMT" });
    response.end(status === 200 ? content : "");
  });
  folder = await mkdtemp(join(tmpdir(), "bulkpatch-copies-"));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  seen = [];
});

const take = (overrides: Partial<TakeOptions> = {}): ReturnType<typeof takeSource> =>
  takeSource({
    schedule: "hr",
    source: {
      address: `${server.origin}/people.csv`,
      host: null,
      read: { allowPrivateAddress: true },
      tokenFrom: "HR_TOKEN",
    },
    copies: folder,
    environment: (name) => (name === "HR_TOKEN" ? "s3cret-token" : undefined),
    ca: server.ca,
    ...overrides,
  });

test("downloads a list once, and again only when it has changed", async () => {
  const first = await take();
  expect(first).toMatchObject({ name: "people.csv", modifiedAt: Date.parse("2026-03-02T12:00:00Z") });
  expect(await readFile(first.path, "utf8")).toBe(content);
  const second = await take();
  expect(second).toEqual(first);
  content += "bob@example.com,Bob\n";
  const third = await take();
  expect(await readFile(third.path, "utf8")).toBe(content);
  expect(seen.map(({ status }) => status)).toEqual([200, 304, 200]);
  expect(seen.map(({ condition }) => condition === undefined)).toEqual([true, false, false]);
});

test("asks for all of it where the copy is gone", async () => {
  await take();
  await rm(join(folder, "hr"));
  expect(await readFile((await take()).path, "utf8")).toBe(content);
  expect(seen.at(-1)!.status).toBe(200);
});

test("says which variable lacks the token, and never says a token", async () => {
  await expect(take({ environment: () => undefined })).rejects.toMatchObject({
    code: "token_missing",
    message: "expected the bearer token of the source in the environment variable HR_TOKEN, found none",
  });
  const refused = take({ environment: () => "wr0ng-token", schedule: "other" });
  await expect(refused).rejects.toMatchObject({ code: "download_failed" });
  await expect(refused).rejects.not.toThrow(/wr0ng/);
});
