import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import type { StartedServer } from "./started-server.ts";

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
  let server: ChildProcess;
  const start = async (): Promise<void> => {
    server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
    await said(server, "Ready to accept connections");
  };
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, "exit");
    server.kill(signal);
    await exit;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    signal: (signal) => server.kill(signal),
    stop: async () => {
      await kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function said(server: ChildProcess, words: string): Promise<void> {
  let output = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (output.includes(words)) resolve();
  });
  server.once("error", reject);
  server.once("exit", (code) => reject(new Error(`redis-server ended with ${code}:\n${output}`)));
  await promise;
}
