import { UPDATABLE_FIELDS } from "../registry/entry.ts";
import type { RunRow } from "../runs/run.ts";
import { renderValue } from "./changes-text.ts";

/**
 * What somebody changed in the registry since a schedule last applied it: `name was "Ada" when it was last applied, and somebody
 * made it "Eve"`, with each field after the other; null for a row that has nothing of it.
 */
export function renderDrift({ drift, changes }: Pick<RunRow, "drift" | "changes">): string | null {
  if (drift === undefined) return null;
  const fields = UPDATABLE_FIELDS.flatMap((field) => {
    const applied = drift.applied[field];
    if (applied === undefined) return [];
    const found = changes?.[field];
    const now = found === undefined ? "changed it" : `made it ${renderValue(found.from)}`;
    return [`${field} was ${renderValue(applied)} when it was last applied, and somebody ${now}`];
  });
  return fields.length === 0 ? null : fields.join("; ");
}
