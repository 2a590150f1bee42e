import type { SourceError } from "../changes/source.ts";
import { countOf } from "../wording.ts";
import { objection, type Objection } from "./limits.ts";
import type { Schedule } from "./schedule.ts";

/** Codes of a source that nobody could get at; any other one is there and not what it should be. */
const UNREACHABLE = new Set([
  "file_not_found",
  "file_is_directory",
  "file_unreadable",
  "download_failed",
  "download_too_large",
  "address_private",
  "address_not_https",
  "token_missing",
]);
const EMPTY = new Set(["file_empty", "header_row_empty", "no_rows", "no_rows_selected"]);
const WRONG_COLUMNS = new Set([
  "no_header",
  "no_known_column",
  "no_finding_column",
  "duplicate_column",
  "map_unknown_header",
  "map_unknown_field",
  "where_unknown_column",
]);

/** What speaks against a source that is there and can't be planned, with the numbers; null for one that nobody could get at. */
export function unusable({ acceptedSources }: Schedule, { code, message }: SourceError): Objection | null {
  if (UNREACHABLE.has(code)) return null;
  const reason = EMPTY.has(code) ? "source_empty" : WRONG_COLUMNS.has(code) ? "source_columns" : "source_unusable";
  const most = Math.max(0, ...acceptedSources.map(({ rows }) => rows));
  const before = most === 0 ? "" : `; the largest that was accepted lately had ${countOf(most, "row")}`;
  return objection(reason, `${message}${before}`);
}
