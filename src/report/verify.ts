import { differencesOf, updateOf } from "../registry/entry-diff.ts";
import type { Entry, FieldValue, UpdatableField } from "../registry/entry.ts";
import type { RunRow } from "../runs/run.ts";

/** The JSON of `verify`: whether entries still show what a run wrote. */
export interface Verification {
  run: string;
  /** Rows that were `updated`. */
  checked: number;
  /** Those of them whose entry shows every value that was written. */
  same: number;
  different: {
    row: number;
    impersonation_registry_id: string;
    field: UpdatableField;
    expected: FieldValue;
    found: FieldValue;
  }[];
  /** Those whose entry does not exist any more. */
  gone: { row: number; impersonation_registry_id: string }[];
}

/**
 * Holds each `updated` row of a run against the registry as it is now. Memory grows with the registry and with what is found.
 * @param rows read twice
 */
export async function verifyRun(
  run: string,
  rows: () => AsyncIterable<RunRow>,
  registry: AsyncIterable<Entry>,
): Promise<Verification> {
  const written = new Set<string>();
  for await (const row of updatedRows(rows())) written.add(row.entryId!.toLowerCase());
  const entries = new Map<string, Entry>();
  if (written.size > 0) {
    for await (const entry of registry) {
      const id = entry.id.toLowerCase();
      if (written.has(id)) entries.set(id, entry);
    }
  }
  const verification: Verification = { run, checked: 0, same: 0, different: [], gone: [] };
  for await (const row of updatedRows(rows())) {
    verification.checked += 1;
    const place = { row: row.row, impersonation_registry_id: row.entryId! };
    const entry = entries.get(row.entryId!.toLowerCase());
    if (!entry) {
      verification.gone.push(place);
      continue;
    }
    const update = updateOf(row.changes!);
    const differing = differencesOf(entry, update);
    if (differing.length === 0) verification.same += 1;
    for (const field of differing) {
      verification.different.push({ ...place, field, expected: update[field] ?? null, found: entry[field] });
    }
  }
  return verification;
}

async function* updatedRows(rows: AsyncIterable<RunRow>): AsyncGenerator<RunRow> {
  for await (const row of rows) if (row.result?.outcome === "updated" && row.changes !== null) yield row;
}
