import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { DemoApi } from "../../src/demo/demo-api.ts";
import { COMPILE_CACHE } from "../compile-cache.ts";
import { callHere } from "./call-here.ts";

const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");

/** A folder to work in and settings that point at a stand-in: what a user has before the first command. */
export interface Desk {
  folder: string;
  env: Record<string, string>;
  /** Runs the real command line to its end. */
  run(args: string[], options?: RunOptions): Promise<Ended>;
  /**
   * The same in this process, in a tenth of the time: for what a command says, writes and sends, not for how a process starts, works
   * beside others, hears a signal or ends.
   */
  call(args: string[], options?: RunOptions): Promise<Ended>;
  /** Starts it and leaves it running; it is killed with the desk. */
  start(args: string[], options?: { env?: Record<string, string> }): Started;
  /** Ends what was started and removes the folder. */
  clear(): Promise<void>;
}

interface RunOptions {
  stdin?: string;
  env?: Record<string, string>;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Standard output as the JSON document that `--json` promises. */
  json<T>(): T;
}

export interface Started {
  child: ChildProcess;
  /** What it printed so far. */
  output(): { stdout: string; stderr: string };
  ended: Promise<Ended>;
}

export async function setUpDesk(
  api: Pick<DemoApi, "baseUrl" | "token" | "accountId">,
  settings: Record<string, string> = {},
): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), "bulkpatch-desk-"));
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    NO_COLOR: "1",
    CLOUDFLARE_API_TOKEN: api.token,
    CLOUDFLARE_ACCOUNT_ID: api.accountId,
    CLOUDFLARE_BASE_URL: api.baseUrl,
    BULKPATCH_DATA_DIR: join(folder, "data"),
    BULKPATCH_RATE: "unlimited",
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    ...settings,
  };
  const started = new Set<Started>();

  function start(args: string[], options: { env?: Record<string, string> } = {}): Started {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: folder,
      env: { ...env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdin.on("error", () => undefined);
    const one: Started = {
      child,
      output: () => ({ stdout, stderr }),
      ended: new Promise((done, fail) => {
        child.once("error", fail);
        child.once("close", (code) => {
          started.delete(one);
          done({ code, stdout, stderr, json: <T>() => JSON.parse(stdout) as T });
        });
      }),
    };
    started.add(one);
    return one;
  }

  return {
    folder,
    env,
    start,
    run: async (args, { stdin = "", env: more } = {}) => {
      const one = start(args, { env: more });
      one.child.stdin?.end(stdin);
      return await one.ended;
    },
    call: async (args, { stdin = "", env: more } = {}) => {
      const ended = await callHere(args, { folder, env: { ...env, ...more }, stdin });
      return { ...ended, json: <T>() => JSON.parse(ended.stdout) as T };
    },
    clear: async () => {
      for (const one of started) {
        one.child.kill("SIGKILL");
        await one.ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
