import { countOf } from "../wording.ts";
import type { Assessment } from "./assess.ts";
import type { Occasion } from "./occasion.ts";

/** What a plan found, in one sentence. */
export function findingsOf({ updates, counts }: Assessment, dryRun: boolean): string {
  const parts = [
    updates.length > 0 && dryRun ? `${countOf(updates.length, "entry", "entries")} would change` : null,
    counts.leftAlone > 0
      ? `${countOf(counts.leftAlone, "entry", "entries")} left alone${counts.accepted > 0 ? ` (${counts.accepted} accepted)` : ""}`
      : null,
    ...otherFindings(counts),
  ].filter((part) => part !== null);
  return parts.length === 0 ? "registry and list agree" : parts.join("; ");
}

/** What somebody changed in the registry, what the list and the registry have for themselves, and what was rejected. */
export function otherFindings(counts: Assessment["counts"]): string[] {
  const drifted = counts.registryDrifted + counts.bothChanged;
  return [
    drifted > 0 ? `${countOf(drifted, "entry", "entries")} had been changed in the registry` : null,
    counts.notInRegistry > 0 ? `${countOf(counts.notInRegistry, "row")} of the list not in the registry` : null,
    counts.notInList > 0 ? `${countOf(counts.notInList, "entry", "entries")} of the registry not in the list` : null,
    counts.rejected > 0 ? `${countOf(counts.rejected, "row")} rejected` : null,
  ].filter((part) => part !== null);
}

/** A sentence on the runs of others that were at work meanwhile, in a list; none where there was none. */
export function whatWasBeside({ beside }: Occasion): string[] {
  return beside.length === 0 ? [] : [`${beside.join(", ")} was at work beside it`];
}
