import { show } from "./cells/show.ts";
import { FIELD_BY_NAME, FIELDS, FINDING_FIELDS, type Field, normalizeHeader } from "./columns.ts";
import { type Guess, guessColumn } from "./guessed-columns.ts";
import { nearMiss } from "./near-miss.ts";
import { SourceError } from "./source.ts";

/** A column whose meaning is known. */
export interface Column {
  field: Field;
  /** 0-based position in the row. */
  index: number;
  /** As the file has it. */
  header: string;
}

/** Headers that a message names. */
const MOST_NAMED = 8;
/** Hints that are worth reading; a file with more is not about this registry. */
const MOST_HINTS = 5;

/** Value of `--map` and of a mapping file that says: don't use this column. */
export const NOT_USED = "";

const EXAMPLE = "Display_Name,Email";

/** Columns that bulkpatch's own files have beside those of the spreadsheet they came from. */
const OURS = /^\s*bulkpatch_/i;

/**
 * Says what each column of a file means.
 * @param file name for messages
 * @param map `"Their Header" → field` (or NOT_USED); it wins over a header that names the same field by itself
 * @param notes gets a sentence on columns whose meaning is guessed, and one on those that are not used
 * @param row the header's number
 * @throws SourceError `no_known_column`, `no_finding_column`, `duplicate_column`, `map_unknown_header`, `map_unknown_field`
 */
export function matchHeader(
  file: string,
  header: readonly string[],
  map: Record<string, string>,
  notes: string[],
  row = 1,
): Column[] {
  const mapped = resolveMap(file, header, map);
  const mappedFields = new Set(mapped.values());
  const named: Column[] = [];
  const guessed: GuessedColumn[] = [];
  header.forEach((text, index) => {
    const field = mapped.has(text) ? mapped.get(text)! : FIELD_BY_NAME.get(normalizeHeader(text));
    const guess = field === undefined ? guessColumn(text) : null;
    if (guess !== null && !mappedFields.has(guess.field)) guessed.push({ ...guess, index, header: text });
    else if (field === undefined || field === NOT_USED) return;
    else if (mapped.has(text) || !mappedFields.has(field)) named.push({ field, index, header: text });
    else notes.push(`Column ${show(text)} is not used: another column is mapped to ${field}.`);
  });
  const { columns, guesses } = withGuesses(named, guessed, mapped);
  assertOneColumnEach(file, columns);
  const unused = header.filter((text, index) => {
    const isNoted = mapped.has(text) || mappedFields.has(FIELD_BY_NAME.get(normalizeHeader(text)) ?? NOT_USED);
    return text.trim() !== "" && !isNoted && !columns.some((column) => column.index === index);
  });
  if (columns.length === 0) throw noKnownColumn(file, header, row, nearMissHints(unused, columns));
  if (!columns.some((column) => finds(column, guesses))) throw noFindingColumn(file, columns, unused);
  if (guesses.length > 0) notes.push(guessNote(guesses));
  const foreign = unused.filter((text) => !OURS.test(text));
  if (foreign.length > 0) notes.push(notUsedNote(foreign, columns));
  return columns;
}

type GuessedColumn = Column & Guess;

/** The columns in the file's order, and those among them whose meaning is a guess. */
function withGuesses(
  named: readonly Column[],
  guessed: readonly GuessedColumn[],
  mapped: ReadonlyMap<string, unknown>,
): { columns: Column[]; guesses: Column[] } {
  const columns = new Set(named);
  const guesses: Column[] = [];
  for (const guess of guessed) {
    const rival = named.find(({ field }) => field === guess.field);
    if (rival !== undefined && (!guess.isNew || mapped.has(rival.header))) continue;
    // Beside "New email" a plain "Email" is the one that the entry has; beside "New name" a plain "Name" is for the eye.
    if (rival !== undefined && columns.delete(rival) && rival.field === "email") {
      const isFree = [...named, ...guessed].every(({ field }) => field !== "match_email");
      if (isFree) guesses.push({ ...rival, field: "match_email" });
    }
    guesses.push(guess);
  }
  for (const { field, index, header } of guesses) columns.add({ field, index, header });
  return { columns: [...columns].toSorted((a, b) => a.index - b.index), guesses };
}

/** A new address finds nothing. */
function finds({ field, index }: Column, guesses: readonly Column[]): boolean {
  if (field === "email") return !guesses.some((guess) => guess.index === index);
  return (FINDING_FIELDS as readonly Field[]).includes(field);
}

function guessNote(guesses: readonly Column[]): string {
  const meanings = guesses.map(({ header, field }) => `${show(header)} as ${field}`).join(", ");
  return `Taken by the words in their headers: ${meanings}. If that is wrong, say what they are with --map.`;
}

/** `Not used: "Department", "Commnet" (did you mean comments? Rename it, or say --map "Commnet=comments").` */
function notUsedNote(unused: readonly string[], columns: readonly Column[]): string {
  const named = unused.slice(0, MOST_NAMED).map((header) => {
    const field = nearMiss(header);
    if (field === null || columns.some((column) => column.field === field)) return show(header);
    return `${show(header)} (did you mean ${field}? Rename it${mapFlag(header, field, ", or say ")})`;
  });
  const more = unused.length > MOST_NAMED ? ` and ${unused.length - MOST_NAMED} more` : "";
  return `Not used: ${named.join(", ")}${more}.`;
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

function looksLikeAddress(header: string): boolean {
  return /mail|upn|userprincipalname/.test(normalizeHeader(header));
}

function noFindingColumn(file: string, columns: readonly Column[], unused: readonly string[]): SourceError {
  const address = unused.find(looksLikeAddress);
  const remedies =
    address === undefined
      ? [...nearMissHints(unused, columns), `Add an "Email" column, or name yours with --map "Their Header=email".`]
      : [
          `If ${show(address)} has the address that the entry has now, rename it${mapFlag(address, "email", ", or say ")}.`,
        ];
  return new SourceError(
    "no_finding_column",
    `${file}: expected a column that finds the entry (impersonation_registry_id, match_email or email), found ${list(columns.map((c) => c.header))}`,
    remedies.join(" "),
  );
}

function noKnownColumn(file: string, header: readonly string[], row: number, hints: readonly string[]): SourceError {
  if (header.some((cell) => cell.includes("@"))) {
    return new SourceError(
      "no_header",
      `${file}: expected column names in ${row === 1 ? "the first row" : `row ${row}`}, found ${list(header)}`,
      `Put a header row above the data, for example: ${EXAMPLE}`,
    );
  }
  const remedies = [
    ...(hints.length > 0
      ? hints
      : [
          `Name your columns with --map "${header.find((text) => looksLikeAddress(text) && show(text) === `"${text}"`) ?? "Their Header"}=email"; known are ${FIELDS.join(", ")}.`,
        ]),
    "If the header is further down than the first twenty rows, say where with --header-row N.",
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
    .slice(0, MOST_NAMED)
    .map((header) => show(header))
    .join(", ");
  return headers.length > MOST_NAMED ? `${shown} and ${headers.length - MOST_NAMED} more` : shown;
}
