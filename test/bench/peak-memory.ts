import { readFileSync } from "node:fs";

const MB = 1_024;

/**
 * The most that this process had resident, in MB. On Linux from /proc: what getrusage tells there begins with what the process had
 * that started this one.
 */
export function peakMb(): number {
  const inKb =
    process.platform === "linux" && /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return Math.round(Number(inKb || process.resourceUsage().maxRSS) / MB);
}
