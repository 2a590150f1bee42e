import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, expect, it, type TestContext } from "vitest";
import { startDemoApi } from "../../src/demo/api.ts";
import type { DemoApi } from "../../src/demo/demo-api.ts";
import { REFUSALS } from "../../src/demo/settings.ts";
import { type Desk, setUpDesk } from "../e2e/run-cli.ts";
import { type OnTerminal, startOnTerminal } from "./on-terminal.ts";

let api: DemoApi;
let desk: Desk;
let command: OnTerminal | null = null;
beforeEach(async () => {
  api = await startDemoApi({});
  desk = await setUpDesk(api);
});
afterEach(async () => {
  command?.kill();
  command = null;
  await desk.clear();
  await api.close();
});

/** Starts `init` on a terminal of its own. */
async function startInit(context: TestContext, flags = ""): Promise<OnTerminal> {
  const env = { ...desk.env, CLOUDFLARE_API_TOKEN: "", CLOUDFLARE_ACCOUNT_ID: "" };
  command = await startOnTerminal(context, { folder: desk.folder, env }, `init ${flags}`);
  return command;
}

it("asks for what it needs, again where it can't be right, checks it, and writes it for its owner alone", async (context) => {
  await writeFile(join(desk.folder, ".env"), "#CLOUDFLARE_API_TOKEN=\nBULKPATCH_KEEP_DAYS=7\n", { mode: 0o644 });
  const { shown, type, ended } = await startInit(context, `--base-url ${api.baseUrl} --pace even`);
  await type(/it is not shown\): /, "short\r");
  await type(/it is not shown\): /, `Bearer ${api.token}\r`);
  await type(/id, or the dashboard.s address: /, `https://dash.cloudflare.com/${api.accountId}/email-security\r`);
  expect(await ended()).toBe(0);
  expect(shown()).toContain("8 or more characters");
  expect(shown()).toContain("the token may change entries");
  expect(shown()).not.toContain(api.token);
  expect(parseEnv(await readFile(join(desk.folder, ".env"), "utf8"))).toEqual({
    CLOUDFLARE_API_TOKEN: api.token,
    CLOUDFLARE_ACCOUNT_ID: api.accountId,
    CLOUDFLARE_BASE_URL: api.baseUrl,
    BULKPATCH_PACE: "even",
    BULKPATCH_KEEP_DAYS: "7",
  });
  expect(shown()).toContain("CLOUDFLARE_BASE_URL is set in the environment, too, which wins over .env");
  expect((await stat(join(desk.folder, ".env"))).mode & 0o777).toBe(0o600);
});

it("takes what is typed before its question appears, the beginning of a line included", async (context) => {
  const { shown, type, ended } = await startInit(context, `--base-url ${api.baseUrl}`);
  const [first, rest] = [api.accountId.slice(0, 8), api.accountId.slice(8)];
  await type(/it is not shown\): /, `short\r${api.token}\r${first}`);
  await type(/id, or the dashboard.s address: /, `${rest}\r`);
  expect(await ended()).toBe(0);
  expect(shown()).not.toContain(api.token);
  expect(parseEnv(await readFile(join(desk.folder, ".env"), "utf8"))).toMatchObject({
    CLOUDFLARE_API_TOKEN: api.token,
    CLOUDFLARE_ACCOUNT_ID: api.accountId,
  });
});

it("writes nothing that the API does not take, unless it is told to", async (context) => {
  api.set({ refuseAll: REFUSALS.invalidToken });
  const { shown, type, ended } = await startInit(context);
  await type(/it is not shown\): /, `${api.token}\r`);
  await type(/id, or the dashboard.s address: /, `${api.accountId}\r`);
  await type(/all the same\? \[y\/N\] /, "\r");
  expect(await ended()).toBe(1);
  expect(shown()).toContain("Nothing was written.");
  await expect(stat(join(desk.folder, ".env"))).rejects.toThrow("ENOENT");
});

it("says what to do instead where there is no terminal", async () => {
  const { code, stderr } = await desk.run(["init"]);
  expect(code).toBe(2);
  expect(stderr).toContain("here is no terminal to ask on");
});
