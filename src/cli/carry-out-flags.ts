import type { Command } from "commander";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** Flags of every command that ends in a new run. */
export interface CarryOutFlags {
  yes?: boolean;
  detach?: boolean;
  work: boolean;
  anyway?: boolean;
  dryRun?: boolean;
  allowEviction?: boolean;
  reportDir?: string;
}

export function addCarryOutFlags(command: Command): Command {
  return command
    .option("-y, --yes", "do not ask")
    .option("--dry-run", "show the plan, as `plan` does, and change nothing")
    .option("--report-dir <folder>", "where the report goes (default bulkpatch-reports/<run>)")
    .option("--detach", "queue the rows and leave them to the workers")
    .option("--no-work", "only watch; leave the work to the workers")
    .option("--anyway", "start also where an unfinished run still has to update some of the same entries")
    .option("--allow-eviction", "start also on a Redis that may throw away rows when its memory is full");
}

/** Throws UsageError where it would have to ask and can't. */
export function readCarryOutFlags(flags: CarryOutFlags, { canAsk }: Pick<Terminal, "canAsk">): CarryOutFlags {
  if (flags.yes || flags.dryRun || canAsk) return flags;
  throw new UsageError(
    "this asks before it writes, and here is no terminal to ask on",
    "look at `bulkpatch plan FILE` where there is a file, then add --yes",
  );
}
