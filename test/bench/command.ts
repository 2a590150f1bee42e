import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Desk } from "../e2e/run-cli.ts";

const TELL_PEAK = pathToFileURL(join(import.meta.dirname, "tell-peak.ts")).href;

/** Runs a command of the command line to its end. Answers the most that it had resident, in MB. Throws where it could not do its work. */
export async function peakOf(desk: Desk, args: string[], env: Record<string, string> = {}): Promise<number> {
  const file = join(desk.folder, "peak");
  const told = { NODE_OPTIONS: `--import ${TELL_PEAK}`, BENCH_PEAK_FILE: file };
  assertDone(args, await desk.run(args, { env: { ...env, ...told } }));
  return Number(await readFile(file, "utf8"));
}

/** Milliseconds that a command takes, its start included. */
export async function msOf(desk: Desk, args: string[], env: Record<string, string> = {}): Promise<number> {
  const begun = performance.now();
  const ended = await desk.run(args, { env });
  const ms = performance.now() - begun;
  assertDone(args, ended);
  return ms;
}

function assertDone(args: string[], { code, stderr }: { code: number | null; stderr: string }): void {
  if (code !== 0) throw new Error(`bulkpatch ${args.join(" ")} ended with ${code}: ${stderr}`);
}
