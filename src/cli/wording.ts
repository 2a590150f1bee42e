import type { Outcome } from "../runs/outcome.ts";

/** An outcome as people read it: `directory-synced`, `invalid`, `updated`. */
export function outcomeLabel(outcome: Outcome): string {
  return outcome.replace(/^rejected_/, "").replaceAll("_", "-");
}
