import { FIELD_BY_NAME, FIELDS, FINDING_FIELDS, type Field, normalizeHeader } from "./columns.ts";
import { nearMiss } from "./near-miss.ts";
import { show } from "./cells/show.ts";
import { SourceError } from "./source.ts";

/** A column whose meaning is known. */
export interface Column {
  field: Field;
  /** 0-based position in the row. */
  index: number;
  /** As the file has it. */
  header: string;
}

/** Hints that are worth reading; a file with more is not about this registry. */
const MOST_HINTS = 5;

/** Value of `--map` and of a mapping file that says: don't use this column. */
export const NOT_USED = "";

const EXAMPLE = "Display_Name,Email";

/**
 * Says what each column of a file means.
 * @param file name for messages
 * @param map `"Their Header" → field` (or NOT_USED); it wins over a header that names the same field by itself
 * @param notes gets a sentence for each column that is nearly a known one, or left out because of `map`
 * @throws SourceError `no_known_column`, `no_finding_column`, `duplicate_column`, `map_unknown_header`, `map_unknown_field`
 */
export function matchHeader(
  file: string,
  header: readonly string[],
  map: Record<string, string>,
  notes: string[],
): Column[] {
  const mapped = resolveMap(file, header, map);
  const mappedFields = new Set(mapped.values());
  const columns: Column[] = [];
  const unused: string[] = [];
  header.forEach((text, index) => {
    const own = FIELD_BY_NAME.get(normalizeHeader(text));
    const field = mapped.has(text) ? mapped.get(text)! : own;
    if (field === undefined) unused.push(text);
    else if (field !== NOT_USED && (mapped.has(text) || !mappedFields.has(field)))
      columns.push({ field, index, header: text });
    else if (field !== NOT_USED) notes.push(`Column ${show(text)} is not used: another column is mapped to ${field}.`);
  });
  assertOneColumnEach(file, columns);
  const hints = nearMissHints(unused, columns);
  if (columns.length === 0) throw noKnownColumn(file, header, hints);
  if (!columns.some((c) => (FINDING_FIELDS as readonly Field[]).includes(c.field))) {
    throw new SourceError(
      "no_finding_column",
      `${file}: expected a column that finds the entry (impersonation_registry_id, match_email or email), found ${list(columns.map((c) => c.header))}`,
      [...hints, `Add an "Email" column, or name yours with --map "Their Header=email".`].join(" "),
    );
  }
  notes.push(...hints);
  return columns;
}

/** Header as the file has it → field, or NOT_USED. */
function resolveMap(
  file: string,
  header: readonly string[],
  map: Record<string, string>,
): Map<string, Field | typeof NOT_USED> {
  const resolved = new Map<string, Field | typeof NOT_USED>();
  for (const [theirs, target] of Object.entries(map)) {
    const field = target.trim() === NOT_USED ? NOT_USED : FIELD_BY_NAME.get(normalizeHeader(target));
    if (field === undefined) {
      throw new SourceError(
        "map_unknown_field",
        `mapping ${show(theirs)}: expected one of ${FIELDS.join(", ")}, found ${show(target)}`,
        "Correct the mapping to one of these.",
      );
    }
    const matches = header.filter((text) => normalizeHeader(text) === normalizeHeader(theirs));
    if (matches.length === 0) {
      throw new SourceError(
        "map_unknown_header",
        `${file}: expected a column ${show(theirs)}, as the mapping says, found ${list(header)}`,
        "Correct the mapping to one of the columns found.",
      );
    }
    for (const text of matches) resolved.set(text, field);
  }
  return resolved;
}

function assertOneColumnEach(file: string, columns: readonly Column[]): void {
  for (const field of FIELDS) {
    const claims = columns.filter((c) => c.field === field);
    if (claims.length > 1) {
      throw new SourceError(
        "duplicate_column",
        `${file}: expected one column for ${field}, found ${claims.length}: ${list(claims.map((c) => c.header))}`,
        claims.every((c) => c.header === claims[0]!.header)
          ? "Rename or delete all but one of them."
          : `Rename or delete all but one of them${mapFlag(claims[0]!.header, field, ", or choose one with ")}.`,
      );
    }
  }
}

function nearMissHints(unused: readonly string[], columns: readonly Column[]): string[] {
  const hints: string[] = [];
  for (const header of unused) {
    const field = nearMiss(header);
    if (field === null || columns.some((c) => c.field === field)) continue;
    const remedy = `Rename it${mapFlag(header, field, ", or say ")}.`;
    hints.push(`Column ${show(header)} is not used: did you mean ${field}? ${remedy}`);
    if (hints.length === MOST_HINTS) break;
  }
  return hints;
}

function noKnownColumn(file: string, header: readonly string[], hints: readonly string[]): SourceError {
  if (header.some((cell) => cell.includes("@"))) {
    return new SourceError(
      "no_header",
      `${file}: expected column names in the first row, found ${list(header)}`,
      `Put a header row above the data, for example: ${EXAMPLE}`,
    );
  }
  const remedies = [
    ...hints,
    "The first row must be the header.",
    ...(hints.length > 0 ? [] : [`Name your columns with --map "Their Header=email"; known are ${FIELDS.join(", ")}.`]),
    ...(header.length > 1
      ? []
      : [
          "If the cells are separated by another character than comma, semicolon, tab or pipe, give it with --delimiter.",
        ]),
  ];
  return new SourceError(
    "no_known_column",
    `${file}: expected a header row with known columns (for example ${EXAMPLE}), found ${list(header)}`,
    remedies.join(" "),
  );
}

/** The flag that gives the column its meaning, where its header can be typed. */
function mapFlag(header: string, field: Field, introduction: string): string {
  return show(header) === `"${header}"` ? `${introduction}--map "${header}=${field}"` : "";
}

/** The first few, quoted. */
function list(headers: readonly string[]): string {
  const shown = headers
    .slice(0, 8)
    .map((header) => show(header))
    .join(", ");
  return headers.length > 8 ? `${shown} and ${headers.length - 8} more` : shown;
}
