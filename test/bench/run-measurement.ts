import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Figure, figure } from "./figure.ts";

const MINUTE = 60_000;
/** The slowest takes two. */
const GIVE_UP_AFTER = 10 * MINUTE;
const GIVE_UP_AFTER_LONG = 20 * MINUTE;

export interface RunOptions {
  name: string;
  /** For temporary files; it is the caller's to remove. */
  folder: string;
  long: boolean;
  /** Ends it at once; this then rejects with the signal's reason. */
  signal: AbortSignal;
}

/**
 * Runs one measurement in a process of its own. What goes wrong in it is a figure that misses its goal. Nothing that it started is
 * left when this resolves.
 */
export async function runMeasurement({
  name,
  folder,
  long,
  signal,
}: RunOptions): Promise<{ figures: Figure[]; seconds: number }> {
  const startedAt = performance.now();
  const figures: Figure[] = [];
  const child = fork(join(import.meta.dirname, "measure-process.ts"), [name, ...(long ? ["--long"] : [])], {
    detached: true, // at the head of a group, which ends with it
    execArgv: ["--expose-gc"],
    env: { ...process.env, TMPDIR: folder },
    serialization: "advanced",
    stdio: ["ignore", 2, 2, "ipc"],
  });
  child.on("message", (message) => void figures.push(message as Figure));
  const stop = (): void => killGroup(child);
  signal.addEventListener("abort", stop);
  const timer = setTimeout(stop, long ? GIVE_UP_AFTER_LONG : GIVE_UP_AFTER);
  const [code] = (await once(child, "exit")) as [number | null];
  clearTimeout(timer);
  signal.removeEventListener("abort", stop);
  killGroup(child);
  signal.throwIfAborted();
  if (code !== 0) figures.push(figure(`it broke off (${code ?? "took too long"})`, Number.NaN, "", { atMost: 0 }));
  return { figures, seconds: (performance.now() - startedAt) / 1_000 };
}

/** With all that it started. */
function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, "SIGKILL");
  } catch {
    // nobody is left
  }
}
