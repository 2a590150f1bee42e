import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Runs a script that prints one line of JSON, in a process that does nothing else. */
export async function inOwnProcess<T>(script: string, ...args: string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script, ...args]);
  return JSON.parse(stdout) as T;
}
