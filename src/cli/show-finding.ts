import type { Finding } from "../doctor/checks.ts";
import type { Terminal } from "./terminal.ts";

const INDENT = " ".repeat(15);

/** A line for a check, and one for what to do. */
export function showFinding({ check, ok, says, remedy }: Finding, { print, style }: Terminal): void {
  print(`${ok ? style("green", "✓") : style("red", "✗")} ${check.padEnd(12)} ${says.replaceAll("\n", `\n${INDENT}`)}`);
  if (remedy !== null) print(`${INDENT}→ ${remedy}`);
}
