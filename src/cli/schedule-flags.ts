import type { Command } from "commander";
import { parseMaxChanges } from "../runs/safety-limit.ts";
import type { Limits } from "../schedules/schedule.ts";
import { UsageError } from "./usage-error.ts";

/** Flags that say when a schedule is held. */
export interface LimitFlags {
  maxChanges?: string;
  maxChangesWeek?: string;
  maxShrink?: string;
  staleAfter?: string;
}

export function addLimitFlags(command: Command): Command {
  return command
    .option("--max-changes <n|p%>", "hold when more would change; both may be given, like 200,20% (default 20%)")
    .option("--max-changes-week <p%>", "hold when more would change in seven days (default 50%)")
    .option("--max-shrink <p%>", "hold when the list is smaller by more than this (default 20%)")
    .option("--stale-after <time>", "hold when the list has not changed for so long, e.g. 36h or 3d (default: never)");
}

/** Throws UsageError. */
export function limitsOf(flags: LimitFlags, defaults: Limits): Limits {
  return {
    ...defaults,
    ...(flags.maxChanges === undefined ? {} : maxChangesOf(flags.maxChanges)),
    weekPercent: percentOf("--max-changes-week", flags.maxChangesWeek) ?? defaults.weekPercent,
    shrinkPercent: percentOf("--max-shrink", flags.maxShrink) ?? defaults.shrinkPercent,
    staleAfterMs: timeOf("--stale-after", flags.staleAfter),
  };
}

function maxChangesOf(text: string): Pick<Limits, "changes" | "changesPercent"> {
  const limits: Pick<Limits, "changes" | "changesPercent"> = { changes: null, changesPercent: null };
  for (const part of text.split(",")) {
    const parsed = parseMaxChanges(part);
    if (parsed === null) {
      throw new UsageError(
        `--max-changes: expected a number of entries, a share or both, found "${text}"`,
        "write it like --max-changes 200, --max-changes 30% or --max-changes 200,30%",
      );
    }
    if ("entries" in parsed) limits.changes = parsed.entries;
    else limits.changesPercent = parsed.percent;
  }
  return limits;
}

function percentOf(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const match = /^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text.trim());
  if (match) return Number(match[1]);
  throw new UsageError(`${flag}: expected a share, found "${text}"`, `write it like ${flag} 30%`);
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function timeOf(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const match = /^(\d{1,5})([mhd])$/.exec(text.trim());
  if (match && Number(match[1]) > 0) return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  throw new UsageError(`${flag}: expected a time, found "${text}"`, `write it like ${flag} 36h or ${flag} 3d`);
}
