import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";

const SCRIPT = new URL("../../src/demo/api-process.ts", import.meta.url).pathname;
const started: ChildProcess[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});

async function firstLine(
  child: ChildProcess,
): Promise<{ baseUrl: string; control: string; token: string; accountId: string }> {
  started.push(child);
  for await (const line of createInterface({ input: child.stdout! })) return JSON.parse(line) as never;
  throw new Error("The process ended without a line.");
}

test("runs as its own process, is controlled over its address, and ends politely", async () => {
  const settings = JSON.stringify({ maxPerPage: 7, overMaxPerPage: "cap" });
  const child = spawn(process.execPath, [SCRIPT, "--entries", "30", "--settings", settings], { stdio: "pipe" });
  const { baseUrl, control, token, accountId } = await firstLine(child);
  const demo = async (path: string, method = "GET", body?: unknown) => {
    const response = await fetch(
      `${control}/${path}`,
      body === undefined ? {} : { method, body: JSON.stringify(body) },
    );
    return (await response.json()) as Record<string, unknown>[] & Record<string, unknown>;
  };

  const entries = await demo("entries");
  expect(entries).toHaveLength(30);
  const registry = `${baseUrl}/accounts/${accountId}/email-security/settings/impersonation_registry`;
  const call = () => fetch(registry, { headers: { authorization: `Bearer ${token}` } });
  expect(await (await call()).json()).toMatchObject({ result_info: { per_page: 7, total_count: 30 } });

  await demo("script", "POST", { answer: { status: 418 } });
  expect((await call()).status).toBe(418);
  expect(await demo("settings", "PATCH", { outage: "503" })).toMatchObject({ outage: "503", maxPerPage: 7 });
  expect((await call()).status).toBe(503);
  expect((await demo("requests")).map(({ status }) => status)).toEqual([200, 418, 503]);
  expect(await demo("requests?from=2")).toHaveLength(1);
  expect(await demo("most?windowMs=60000")).toBe(3);
  await demo("entries", "PUT", [{ ...entries[0], name: "Put In" }]);
  expect((await demo("entries"))[0]).toMatchObject({ name: "Put In" });
  expect(await demo("nothing")).toEqual({ error: expect.stringContaining("unknown call GET nothing, known: ") });

  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("ends when the process that forked it lets go", async () => {
  const child = fork(SCRIPT, ["--entries", "1"], { silent: true });
  await firstLine(child);
  child.disconnect();
  expect(await once(child, "exit")).toEqual([0, null]);
});
