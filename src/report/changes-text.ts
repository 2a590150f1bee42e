import type { FieldValue, UpdatableField } from "../registry/entry.ts";
import { UPDATABLE_FIELDS } from "../registry/entry.ts";
import type { Run, RunRow } from "../runs/run.ts";
import { clip } from "./clip.ts";
import type { FieldChanges } from "../registry/entry-diff.ts";

/** One field of a change, its values ready to be shown; `from` null where the old value is not known. */
export interface ShownChange {
  field: UpdatableField;
  from: string | null;
  to: string;
}

/** Whether the old values in the rows' `changes` are known: a run without a plan never saw them. */
export function knowsOldValues(run: Pick<Run, "options">): boolean {
  return !run.options.noPlan;
}

/** The fields of a change in the order in which they are shown, each value clipped to `most` characters. */
export function shownChanges(
  changes: FieldChanges,
  oldValuesKnown: boolean,
  most = Number.POSITIVE_INFINITY,
): ShownChange[] {
  return UPDATABLE_FIELDS.flatMap((field) => {
    const change = changes[field];
    return change
      ? [{ field, from: oldValuesKnown ? renderValue(change.from, most) : null, to: renderValue(change.to, most) }]
      : [];
  });
}

/** `name: "Old" → "New"; comments: "VIP" → empty`; without known old values `name: "New"`. */
export function renderChanges(changes: FieldChanges, oldValuesKnown: boolean, most?: number): string {
  return shownChanges(changes, oldValuesKnown, most)
    .map(({ field, from, to }) => `${field}: ${from === null ? "" : `${from} → `}${to}`)
    .join("; ");
}

/** The entry's name and address as they are after the row: the new ones where the row changed them, empty where not known. */
export function entryAfter(row: RunRow): { name: string; email: string } {
  const changed = row.result?.outcome === "updated" ? row.changes : null;
  return {
    name: String(changed?.name?.to ?? row.entryName ?? ""),
    email: String(changed?.email?.to ?? row.entryEmail ?? ""),
  };
}

/** `"Ada"`, `true`, `empty`. */
export function renderValue(value: FieldValue, most = Number.POSITIVE_INFINITY): string {
  if (value === null || value === "") return "empty";
  return typeof value === "string" ? `"${clip(value, most).replaceAll(/\r\n|[\r\n]/g, " ⏎ ")}"` : String(value);
}
