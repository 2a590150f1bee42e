import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { rm } from "node:fs/promises";

/** A datastore that a test started, and may stop and start again at the same address with the same data. */
export interface StartedServer {
  url: string;
  /** Again, after `kill`. Resolves when it takes connections. */
  start(): Promise<void>;
  /** Resolves when it has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** For SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  /** For good; its folder goes too. */
  stop(): Promise<void>;
}

export interface ServerProgram {
  command: string;
  args: readonly string[];
  options?: Pick<SpawnOptions, "cwd" | "uid" | "gid">;
  /** What it says when it takes connections, and where. */
  ready: string;
  says: "stdout" | "stderr";
  /** Ends it at once. */
  end: NodeJS.Signals;
  url: string;
  /** Removed when it is stopped. */
  folder: string;
}

/** Starts a datastore's server, and resolves when it takes connections. It ends with this process at the latest, as after Ctrl-C. */
export async function startServer(program: ServerProgram): Promise<StartedServer> {
  const { command, args, options, ready, says, end, url, folder } = program;
  let server: ChildProcess;
  const start = async (): Promise<void> => {
    const stdio: SpawnOptions["stdio"] =
      says === "stdout" ? ["ignore", "pipe", "inherit"] : ["ignore", "ignore", "pipe"];
    server = spawn(command, args, { ...options, stdio });
    await said(server, says, ready);
  };
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, "exit");
    server.kill(signal);
    await exit;
  };
  const endAtExit = (): void => {
    server.kill(end);
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", endAtExit);
  await start();
  return {
    url,
    start,
    kill,
    signal: (signal) => server.kill(signal),
    stop: async () => {
      await kill(end);
      process.off("exit", endAtExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function said(server: ChildProcess, where: "stdout" | "stderr", words: string): Promise<void> {
  let output = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server[where]?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (output.includes(words)) resolve();
  });
  server.once("error", reject);
  server.once("exit", (code) => reject(new Error(`${server.spawnfile} ended with ${code}:\n${output}`)));
  await promise;
}
