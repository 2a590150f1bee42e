import { Redis } from "ioredis";
import { afterEach, describe, expect, test } from "vitest";
import { BackendError } from "../../../src/backends/backend-error.ts";
import type { Backend } from "../../../src/backends/backend.ts";
import { openBackend } from "../../../src/backends/open.ts";
import { explainRedis } from "../../../src/backends/redis/errors.ts";
import { startRun } from "../../../src/runs/start-run.ts";
import { sampleRegistry } from "../../../src/demo/sample-registry.ts";
import { commentRows, commentRun } from "../../runs/decided-rows.ts";
import { hasRedisServer, startRedis } from "../../start-redis.ts";
import type { StartedServer } from "../../started-server.ts";
import { until } from "../../until.ts";
import { event, sampleRows, sampleRun } from "../sample-run.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function ownRedis(...args: string[]): Promise<{ server: StartedServer; admin: Redis }> {
  const server = await startRedis(args);
  closers.push(() => server.stop());
  const admin = new Redis(server.url);
  closers.push(() => admin.disconnect());
  return { server, admin };
}

async function open(url: string): Promise<Backend> {
  const backend = await openBackend({ url, dataDir: "" });
  closers.push(() => backend.close());
  return backend;
}

describe.skipIf(!hasRedisServer())("a Redis", () => {
  test("without memory is waited for, and nothing is lost or kept twice", async () => {
    const { server, admin } = await ownRedis();
    const backend = await open(server.url);
    const run = sampleRun();
    await backend.runs.create(run, event("planning"));
    const queue = backend.queue(run.id);
    closers.push(() => queue.close());
    await admin.config("SET", "maxmemory", "1");
    const refused = async (): Promise<number> =>
      Number(/errorstat_OOM:count=(\d+)/.exec(await admin.info("errorstats"))?.[1] ?? 0);
    const staged = backend.rows.stage(run.id, sampleRows(3));
    const queued = queue.addBulk([{ name: "update", data: { n: 0 }, opts: { jobId: "r0" } }]);
    await until("both were refused", async () => (await refused()) >= 4);
    expect((await backend.runs.get(run.id))?.rows).toBe(0);
    expect(explainRedis("redis://host", await admin.set("x", "y").catch((error: unknown) => error))).toMatchObject({
      code: "backend_full",
      message: "Redis at redis://host has no memory left (maxmemory), so it takes nothing more",
      mayPass: true,
    });
    expect((await open(server.url)).warnings.join()).toMatch(/has no memory left \(maxmemory 1B\)/);
    await admin.config("SET", "maxmemory", "0");
    await Promise.all([staged, queued]);
    expect((await backend.runs.get(run.id))?.rows).toBe(3);
    expect(await queue.getJobCountByTypes("waiting")).toBe(1);
  });

  test("that is busy with somebody's script is waited for", async () => {
    const { server, admin } = await ownRedis("--busy-reply-threshold", "20");
    const backend = await open(server.url);
    const run = sampleRun();
    await backend.runs.create(run, event("planning"));
    const other = new Redis(server.url);
    closers.push(() => other.disconnect());
    const endless = other.eval("while true do end", 0).catch((error: Error) => error.message);
    const busy = await until(
      "it is busy",
      async () =>
        await admin.get("x").then(
          () => null,
          (error: Error) => error,
        ),
    );
    expect(explainRedis("redis://host", busy)).toMatchObject({ code: "backend_busy", mayPass: true });
    const found = backend.runs.get(run.id);
    await admin.script("KILL");
    expect(await endless).toMatch(/killed by user/);
    expect((await found)?.id).toBe(run.id);
  });

  test.each(["info", "eval"])("whose user may not call %s is named when it is opened", async (command) => {
    const { server, admin } = await ownRedis();
    await admin.call("ACL", "SETUSER", "ada", "on", ">s3cr3t", "~*", "&*", "+@all", `-${command}`);
    const url = new URL(server.url);
    url.username = "ada";
    url.password = "s3cr3t";
    const error: unknown = await open(url.href).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BackendError);
    const { code, message, remedy } = error as BackendError;
    expect({ code, message: message.replace(url.port, "PORT"), remedy }).toEqual({
      code: "backend_permission",
      message: expect.stringMatching(
        new RegExp(
          `^Redis at redis://ada@127.0.0.1:PORT does not let this user do what is needed \\(NOPERM .*'${command}'`,
        ),
      ),
      remedy: "Allow it (ACL SETUSER … +@all ~bulkpatch:* &*), or name another user in BULKPATCH_BACKEND_URL",
    });
  });

  test("that takes a right away in the middle is named at once", async () => {
    const { server, admin } = await ownRedis();
    const backend = await open(server.url);
    await admin.call("ACL", "SETUSER", "default", "-hgetall");
    await expect(backend.runs.get("r")).rejects.toMatchObject({ code: "backend_permission", mayPass: false });
  });

  test("that may throw away rows keeps no new run, unless somebody says that it may", async () => {
    const { server } = await ownRedis("--maxmemory-policy", "allkeys-lru");
    const backend = await open(server.url);
    expect(backend.evicts).toBe("allkeys-lru");
    const entries = sampleRegistry({ size: 2, seed: 1, syncedShare: 0 });
    const start = (allowEviction: boolean) =>
      startRun(commentRows(entries), commentRun("account"), { backend, by: "ada@test", allowEviction });
    await expect(start(false)).rejects.toMatchObject({ name: "RunError", code: "backend_evicts" });
    expect(await backend.runs.list(1)).toEqual([]);
    expect(await start(true)).toMatchObject({ state: "running" });
  });

  test("that keeps everything, or only evicts what expires, keeps new runs", async () => {
    const [keeps, expires] = [await ownRedis(), await ownRedis("--maxmemory-policy", "volatile-ttl")];
    expect((await open(keeps.server.url)).evicts).toBeNull();
    expect((await open(expires.server.url)).evicts).toBeNull();
  });
});
