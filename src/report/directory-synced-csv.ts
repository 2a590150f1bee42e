import { fieldsOf } from "../registry/entry-diff.ts";
import type { Run, RunRow } from "../runs/run.ts";
import { knowsOldValues, renderChanges } from "./changes-text.ts";
import { askedInFile } from "./asked.ts";
import { directoryAdvice, directoryTitle } from "./directory-advice.ts";
import type { Sheet } from "./sheet.ts";

/** Directories that get a pass over the rows of their own; a run has three or four. Those beyond come together at the end. */
const MOST_PASSES = 20;

/** Whether the row was refused because its entry is synced from a directory. */
function isDirectorySyncedRow(row: RunRow): boolean {
  return row.result?.outcome === "rejected_directory_synced";
}

/**
 * directory-synced.csv: the refused entries, to hand to whoever runs the directory, with what to change and where.
 * Its order, directory by directory, comes from `byDirectory`.
 */
export function directorySyncedSheet(run: Run): Sheet {
  const oldValuesKnown = knowsOldValues(run);
  return {
    header: ["row", "directory", "provenance", "impersonation_registry_id", "name", "email", "change", "where"],
    record(row) {
      if (!isDirectorySyncedRow(row)) return null;
      return [
        String(row.row),
        directoryTitle(row.provenance),
        row.provenance ?? "",
        row.entryId ?? "",
        row.entryName ?? "",
        row.entryEmail ?? "",
        row.changes
          ? renderChanges(row.changes, oldValuesKnown)
          : `as in the file: ${askedInFile(row, run.source.header)}`,
        directoryAdvice(row.provenance, fieldsOf(row.changes ?? {})),
      ];
    },
  };
}

/**
 * The refused rows, directory by directory in the order of their names, each in the spreadsheet's order. Reads the rows once for
 * each directory rather than hold them. `provenances` may be known from an earlier pass; else a pass finds them.
 */
export async function* byDirectory(
  rows: () => AsyncIterable<RunRow>,
  provenances?: Iterable<string | null>,
): AsyncGenerator<RunRow> {
  const all = [...(provenances ?? (await findProvenances(rows())))].toSorted((a, b) =>
    directoryTitle(a).localeCompare(directoryTitle(b), "en"),
  );
  const single = all.slice(0, MOST_PASSES);
  for (const provenance of single) {
    for await (const row of rows()) if (isDirectorySyncedRow(row) && row.provenance === provenance) yield row;
  }
  if (all.length === single.length) return;
  for await (const row of rows()) if (isDirectorySyncedRow(row) && !single.includes(row.provenance)) yield row;
}

async function findProvenances(rows: AsyncIterable<RunRow>): Promise<Set<string | null>> {
  const found = new Set<string | null>();
  for await (const row of rows) if (isDirectorySyncedRow(row)) found.add(row.provenance);
  return found;
}
