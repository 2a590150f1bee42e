import { execFileSync } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { startServer, type StartedServer } from "./started-server.ts";

/** Whether there is a `redis-server` on the PATH. */
export function hasRedisServer(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * A Redis of one's own, from the `redis-server` on the PATH: append-only file, no eviction, a thousand databases, in a folder
 * that goes when it is stopped. A test that only needs a Redis takes one from datastores.ts instead.
 */
export async function startRedis(extraArgs: readonly string[] = []): Promise<StartedServer> {
  const folder = await mkdtemp(join(tmpdir(), "bulkpatch-redis-"));
  const port = await freePort();
  const args = ["--bind", "127.0.0.1", "--port", String(port), "--dir", folder, "--databases", "1000", "--save", ""];
  args.push("--appendonly", "yes", "--appendfsync", "no", "--maxmemory-policy", "noeviction", ...extraArgs);
  return await startServer({
    command: "redis-server",
    args,
    ready: "Ready to accept connections",
    says: "stdout",
    end: "SIGKILL",
    url: `redis://127.0.0.1:${port}`,
    folder,
  });
}
