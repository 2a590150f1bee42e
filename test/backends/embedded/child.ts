import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Child {
  process: ChildProcess;
  /** What it said so far, line by line. */
  lines: string[];
  /** Resolves when it has said this many lines. */
  said(count: number): Promise<void>;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a script beside this file in a process of its own. */
export function startChild(script: string, ...args: string[]): Child {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const lines: string[] = [];
  let rest = "";
  const waiting = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const complete = (rest + text).split("\n");
    rest = complete.pop() ?? "";
    lines.push(...complete);
    for (const look of waiting) look();
  });
  return {
    process: child,
    lines,
    said: (count) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (lines.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        child.once("exit", () => reject(new Error(`${script} ended after it said: ${lines.slice(-3).join(", ")}`)));
        look();
      }),
    kill: async (signal = "SIGKILL") => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill(signal);
      await exit;
    },
  };
}
