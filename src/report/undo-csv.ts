import { UNDO_COLUMN } from "../changes/report-file.ts";
import { type FieldValue, UPDATABLE_FIELDS } from "../registry/entry.ts";
import type { Run } from "../runs/run.ts";
import type { FieldChanges } from "../registry/entry-diff.ts";
import { knowsOldValues } from "./changes-text.ts";
import type { Sheet } from "./sheet.ts";

/** The cell that empties a nullable field; an empty cell changes nothing. */
const NULL_CELL = "<null>";

/** What is found in a regular expression and in no address that people have. */
const ONLY_IN_EXPRESSIONS = /[\\()[\]|^]|\.\*|\$$/;

/**
 * undo.csv: a row for each updated entry, with its id and the old values of the fields that the run changed, so that running
 * the file puts them back. `modified_at` is when the run changed the entry: one that was changed since is left alone, as by
 * `bulkpatch undo`. The last column has the run's id, and tells the reader what the file is. Has no rows where the run knew no old values.
 */
export function undoSheet(run: Run): Sheet {
  const known = knowsOldValues(run);
  return {
    header: ["impersonation_registry_id", ...UPDATABLE_FIELDS, "modified_at", UNDO_COLUMN],
    record({ entryId, changes, result }) {
      if (!known || result?.outcome !== "updated" || entryId === null || changes === null) return null;
      const changedAt = new Date(result.modifiedAt ?? result.finishedAt).toISOString();
      return [entryId, ...oldValues(changes), changedAt, run.id];
    },
  };
}

function oldValues(changes: FieldChanges): string[] {
  return UPDATABLE_FIELDS.map((field) => {
    const change = changes[field];
    if (change) return valueCell(change.from);
    // An expression passes the reader's check of the email column only in a row that says it is one.
    const needsRegex = field === "is_email_regex" && ONLY_IN_EXPRESSIONS.test(String(changes.email?.from ?? ""));
    return needsRegex ? "true" : "";
  });
}

function valueCell(value: FieldValue): string {
  return value === null || value === "" ? NULL_CELL : String(value);
}
