import { once } from "node:events";
import { mkdtemp, rm, stat, truncate, unlink, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { BackendError } from "../../src/backends/backend-error.ts";
import { openBackend } from "../../src/backends/open.ts";
import { embeddedForTest, postgresForTest, redisForTest } from "../datastores.ts";
import { freePort } from "../free-port.ts";
import { hasRedisServer, startRedis } from "../start-redis.ts";
import type { StartedServer } from "../started-server.ts";

const PASSWORD = "s3cr3t";
const redis = await redisForTest();
const postgres = await postgresForTest();

const toClose: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

/** What is said when a backend can't be opened: one line, and what to do. */
async function refusal(url: string | null, dataDir = ""): Promise<string> {
  const error: unknown = await openBackend({ url, dataDir }).then(
    async (backend) => backend.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BackendError);
  const { code, message, remedy } = error as BackendError;
  expect(inspect(error, { depth: 10 })).not.toContain(PASSWORD);
  expect(message).not.toContain("\n");
  return `${code}: ${message}. ${remedy}.`;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  toClose.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A server that takes connections and answers nothing. */
async function silentPort(): Promise<number> {
  return listening(createServer((socket) => toClose.push(() => socket.destroy())));
}

/** A server that answers everything as a web server would. */
async function webPort(): Promise<number> {
  return listening(createServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n")));
}

async function ownRedis(...args: string[]): Promise<StartedServer> {
  const server = await startRedis(args);
  toClose.push(() => server.stop());
  return server;
}

function withPassword(url: string, password: string): string {
  const address = new URL(url);
  address.password = password;
  return address.href;
}

describe("an address", () => {
  test.each([
    "mysql://root:s3cr3t@host/db",
    "http://host",
    "reddis://host",
    "C:\\data",
    "/var/lib/bulkpatch",
    "",
    "host:6379",
    "redis://me:12#s3cr3t@host",
    "postgres://me:12?s3cr3t@host/db",
    "redis://me:s3cr3t/x@host",
  ])("that is no backend's is refused: %s", async (url) =>
    expect(await refusal(url)).toMatch(/^backend_url: BULKPATCH_BACKEND_URL .* Set it to embedded, redis:/),
  );

  test("where nobody listens is named, without its password, with what to start", async () => {
    const port = await freePort();
    const said = [
      await refusal(`redis://me:${PASSWORD}@127.0.0.1:${port}/2?password=${PASSWORD}`),
      await refusal(`postgres://me:${PASSWORD}@127.0.0.1:${port}/db?password=${PASSWORD}`),
    ];
    expect(said.map((line) => line.replaceAll(String(port), "PORT"))).toMatchInlineSnapshot(`
      [
        "backend_unreachable: Redis at redis://me@127.0.0.1:PORT/2 can't be reached (ECONNREFUSED). Start it (docker run -p 6379:6379 redis:8 redis-server --appendonly yes --maxmemory-policy noeviction), or correct BULKPATCH_BACKEND_URL; leave it out to need no Redis.",
        "backend_unreachable: PostgreSQL at postgres://me@127.0.0.1:PORT/db can't be reached (ECONNREFUSED). Start it, or correct BULKPATCH_BACKEND_URL; leave it out to need no server.",
      ]
    `);
  });

  test("where something silent listens is given up after seconds", async () => {
    const port = await silentPort();
    const said = await Promise.all([refusal(`redis://127.0.0.1:${port}`), refusal(`postgres://127.0.0.1:${port}/db`)]);
    expect(said.map((line) => line.replaceAll(String(port), "PORT"))).toMatchInlineSnapshot(`
      [
        "backend_unreachable: Redis at redis://127.0.0.1:PORT can't be reached (no answer in 5 seconds). Start it (docker run -p 6379:6379 redis:8 redis-server --appendonly yes --maxmemory-policy noeviction), or correct BULKPATCH_BACKEND_URL; leave it out to need no Redis.",
        "backend_unreachable: PostgreSQL at postgres://127.0.0.1:PORT/db can't be reached (no answer in 5 seconds). Start it, or correct BULKPATCH_BACKEND_URL; leave it out to need no server.",
      ]
    `);
  });

  test("where something else listens is named", async () => {
    const port = await webPort();
    const said = await Promise.all([refusal(`redis://127.0.0.1:${port}`), refusal(`postgres://127.0.0.1:${port}/db`)]);
    expect(said.map((line) => line.replaceAll(String(port), "PORT"))).toMatchInlineSnapshot(`
      [
        "backend_unusable: What answers at redis://127.0.0.1:PORT is not Redis. Correct the host and port in BULKPATCH_BACKEND_URL.",
        "backend_unreachable: PostgreSQL at postgres://127.0.0.1:PORT/db can't be reached (Connection terminated unexpectedly). Start it, or correct BULKPATCH_BACKEND_URL; leave it out to need no server.",
      ]
    `);
  });

  test("whose host is not known is named", async () => {
    expect([await refusal("redis://no-such-host.invalid"), await refusal("postgres://no-such-host.invalid/db")])
      .toMatchInlineSnapshot(`
      [
        "backend_unreachable: Redis at redis://no-such-host.invalid:6379 can't be reached (ENOTFOUND). Start it (docker run -p 6379:6379 redis:8 redis-server --appendonly yes --maxmemory-policy noeviction), or correct BULKPATCH_BACKEND_URL; leave it out to need no Redis.",
        "backend_unreachable: PostgreSQL at postgres://no-such-host.invalid:5432/db can't be reached (ENOTFOUND). Start it, or correct BULKPATCH_BACKEND_URL; leave it out to need no server.",
      ]
    `);
  });
});

describe.skipIf(!hasRedisServer())("Redis", () => {
  test("that wants another password says so", async () => {
    const server = await ownRedis("--requirepass", "right");
    const port = new URL(server.url).port;
    const said = [await refusal(server.url), await refusal(withPassword(server.url, PASSWORD))];
    expect(said.map((line) => line.replaceAll(port, "PORT"))).toMatchInlineSnapshot(`
      [
        "backend_auth: Redis at redis://127.0.0.1:PORT refused the user or password. Correct the user and password in BULKPATCH_BACKEND_URL: redis://user:password@host:6379.",
        "backend_auth: Redis at redis://127.0.0.1:PORT refused the user or password. Correct the user and password in BULKPATCH_BACKEND_URL: redis://user:password@host:6379.",
      ]
    `);
    const backend = await openBackend({ url: withPassword(server.url, "right"), dataDir: "" });
    await backend.close();
  });

  test("that may lose rows comes with a warning for each reason", async () => {
    const server = await ownRedis("--maxmemory-policy", "allkeys-lru", "--appendonly", "no");
    const backend = await openBackend({ url: server.url, dataDir: "" });
    await backend.close();
    expect(backend.warnings.map((line) => line.replaceAll(new URL(server.url).port, "PORT"))).toMatchInlineSnapshot(`
      [
        "Redis at redis://127.0.0.1:PORT may throw away rows when its memory is full (maxmemory-policy allkeys-lru): set maxmemory-policy noeviction.",
        "Redis at redis://127.0.0.1:PORT may forget the last minutes when it is restarted (no append-only file): set appendonly yes.",
      ]
    `);
  });

  test("that is set up well comes without a warning", async () => {
    const backend = await openBackend({ url: (await ownRedis()).url, dataDir: "" });
    await backend.close();
    expect(backend.warnings).toEqual([]);
  });

  test("that is a replica or part of a cluster is refused", async () => {
    const master = await ownRedis();
    const replica = await ownRedis("--replicaof", "127.0.0.1", new URL(master.url).port);
    const cluster = await ownRedis("--cluster-enabled", "yes", "--databases", "1");
    expect(await refusal(replica.url)).toMatch(/^backend_unusable: Redis at .* is a replica, which can't be written/);
    expect(await refusal(cluster.url)).toMatch(/^backend_unusable: Redis at .* is part of a cluster/);
  });
});

describe.skipIf(redis === null)("a Redis that is there", () => {
  test("is closed once, however often it is asked to", async () => {
    const backend = await openBackend({ url: redis, dataDir: "" });
    await Promise.all([backend.close(), backend.close()]);
    await backend.close();
    await expect(backend.runs.list(1)).rejects.toThrow();
  });
});

describe.skipIf(postgres === null)("PostgreSQL", () => {
  const url = postgres as string;

  test("that wants another password, or has no such database, says so", async () => {
    const missing = new URL("/nowhere", url).href;
    const said = [await refusal(withPassword(url, PASSWORD)), await refusal(missing)];
    expect(said.map((line) => line.replaceAll(new URL(url).host, "HOST").replace(/bulkpatch_test_\d+_\d+/, "DB")))
      .toMatchInlineSnapshot(`
      [
        "backend_auth: PostgreSQL at postgres://bulk@HOST/DB refused the user or password. Correct the user and password in BULKPATCH_BACKEND_URL: postgres://user:password@host:5432/database.",
        "backend_unusable: PostgreSQL at postgres://bulk@HOST/nowhere has no such database. Create it (CREATE DATABASE …), or correct the name at the end of BULKPATCH_BACKEND_URL.",
      ]
    `);
  });

  test("is made ready by several machines at once", async () => {
    const empty = (await postgresForTest()) as string;
    const backends = await Promise.all(Array.from({ length: 6 }, async () => openBackend({ url: empty, dataDir: "" })));
    for (const backend of backends) {
      expect(await backend.runs.list(1)).toEqual([]);
      await backend.close();
    }
  });
});

describe("an embedded folder", () => {
  test("that can't be written is named", async () => {
    const parent = await mkdtemp(join(tmpdir(), "bulkpatch-"));
    toClose.push(() => rm(parent, { recursive: true }));
    const file = join(parent, "file");
    await writeFile(file, "");
    expect((await refusal(null, join(file, "data"))).replaceAll(parent, "PARENT")).toMatchInlineSnapshot(
      `"folder_unwritable: The folder PARENT/file/data can't be written (a part of the path is a file, not a folder). Name a folder of your own with BULKPATCH_DATA_DIR."`,
    );
  });

  test.each([
    ["whose files are damaged", (db: string) => truncate(join(db, "global/pg_control"))],
    ["of another version", (db: string) => writeFile(join(db, "PG_VERSION"), "9\n")],
    ["of which a part is missing", (db: string) => unlink(join(db, "PG_VERSION"))],
    [
      "that is a file",
      async (db: string) => {
        await rm(db, { recursive: true });
        await writeFile(db, "not a database");
      },
    ],
  ])("%s is named, left as it is, and not held", async (_, damage) => {
    const dataDir = await embeddedForTest();
    await damage(join(dataDir, "db"));
    for (let i = 0; i < 2; i++) {
      expect((await refusal(null, dataDir)).replaceAll(dataDir, "FOLDER")).toBe(
        "folder_corrupt: The database in FOLDER/db can't be opened: its files are damaged or not a database. " +
          "Move that folder away (it holds the record of your runs) and start again, or name another with BULKPATCH_DATA_DIR.",
      );
    }
  });

  test("is for this user only", async () => {
    const parent = await mkdtemp(join(tmpdir(), "bulkpatch-"));
    toClose.push(() => rm(parent, { recursive: true }));
    const dataDir = join(parent, "a", "b");
    const backend = await openBackend({ url: "embedded", dataDir });
    toClose.push(() => backend.close());
    const modes = await Promise.all(
      ["", "db", "owner.json", "relay.sock"].map(async (name) => (await stat(join(dataDir, name))).mode),
    );
    expect(modes.map((mode) => (mode & 0o777).toString(8))).toEqual(["700", "700", "600", "600"]);
  });

  test("is closed once, however often it is asked to, and leaves nothing behind that holds it", async () => {
    const dataDir = await embeddedForTest();
    const backend = await openBackend({ url: null, dataDir });
    await Promise.all([backend.close(), backend.close()]);
    await backend.close();
    const again = await openBackend({ url: null, dataDir });
    expect(again.canWork).toBe(true);
    await again.close();
  });
});
