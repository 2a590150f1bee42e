import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Of /proc: a hundredth of a second everywhere. */
const TICK_MS = 10;

/** Milliseconds of processor time that a running process took so far; to a hundredth of a second on Linux, elsewhere as `ps` says. */
export function cpuMsOf(pid: number): number {
  if (process.platform === "linux") {
    // The name may have spaces; the fields are counted from behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }
  const text = execFileSync("ps", ["-o", "time=", "-p", String(pid)], { encoding: "utf8" }).trim();
  const seconds = text.split(/[-:]/).reduce((sum, part) => sum * 60 + Number(part), 0);
  return seconds * 1_000;
}
