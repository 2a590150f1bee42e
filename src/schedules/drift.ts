import type { FieldChanges } from "../registry/entry-diff.ts";
import type { FieldValue, UpdatableField } from "../registry/entry.ts";
import type { DriftCause } from "../runs/run.ts";

/** What a schedule remembers of an entry. */
export interface KnownEntry {
  /** The value that each field of the list had when entry and list last agreed. */
  applied: { [F in UpdatableField]?: FieldValue };
  /** The API refused a row of it for good: it is not tried again while row and entry are as they were seen then (as-seen.ts). */
  refused?: { asSeen: string | undefined; message: string; run: string };
}

/** The cause of each field that differs. A field that was never applied counts as changed by the source. */
export function causesOf(changes: FieldChanges, known: KnownEntry | undefined): { [F in UpdatableField]?: DriftCause } {
  const causes: { [F in UpdatableField]?: DriftCause } = {};
  for (const field of fieldsIn(changes)) {
    const { from, to } = changes[field]!;
    const applied = known?.applied[field];
    if (applied === undefined || same(applied, from)) causes[field] = "source_changed";
    else causes[field] = same(applied, to) ? "registry_drifted" : "both";
  }
  return causes;
}

/** The fields that an object has a key for. */
export function fieldsIn(changes: object): UpdatableField[] {
  return Object.keys(changes) as UpdatableField[];
}

/** One cause for several fields: `both` where they are not all of one. */
export function joinCauses(causes: readonly DriftCause[]): DriftCause {
  const [first, ...others] = new Set(causes);
  return first !== undefined && others.length === 0 ? first : "both";
}

/** A nullable text that is empty is null. */
export function same(a: FieldValue, b: FieldValue): boolean {
  return (a === "" ? null : a) === (b === "" ? null : b);
}
