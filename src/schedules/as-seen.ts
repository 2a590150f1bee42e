import { createHash } from "node:crypto";
import type { RunRow } from "../runs/run.ts";
import type { ObservedEntry } from "./observed-registry.ts";

/**
 * A short mark of a row and its entry as they are now: every cell, what would be sent, all that was compared, where the entry comes
 * from, and when it was changed last. Two marks are the same only while nothing of either has changed.
 * @param entry undefined where the registry's listing lacked it
 */
export function asSeen(
  { cells, entryId, entryEmail, entryName, provenance, changes }: RunRow,
  entry: ObservedEntry | undefined,
): string {
  const all = [cells, entryId, entryEmail, entryName, provenance, changes, entry?.modified_at ?? null];
  return createHash("sha256").update(JSON.stringify(all)).digest("base64url").slice(0, 16);
}
