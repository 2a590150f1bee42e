import type { EntryUpdate, FieldValue, UpdatableField } from "../registry/entry.ts";
import { parseBoolean } from "./cells/boolean.ts";
import { parseEmailAddress } from "./cells/email-address.ts";
import { isCheckable, parseEmailPattern } from "./cells/email-pattern.ts";
import { parseEntryId } from "./cells/entry-id.ts";
import { isErrorValue, NOT_CALCULATED } from "./cells/error-value.ts";
import { parseInteger } from "./cells/integer.ts";
import { parseModifiedAt } from "./cells/modified-at.ts";
import { parseProvenance } from "./cells/provenance.ts";
import { Refusal } from "./cells/refusal.ts";
import { show } from "./cells/show.ts";
import { parseComments, parseExternalId, parseName, refuseLine } from "./cells/text.ts";
import type { Change, Problem, SourceRow, Target } from "./change.ts";
import type { Field } from "./columns.ts";
import type { Column } from "./header.ts";

/** A row as the file has it, before checks. */
export interface RawRow {
  /** As the spreadsheet shows it, from 1. */
  row: number;
  cells: string[];
}

/** A cell's value; the id's parser alone answers an object. */
type Parsed = FieldValue | ReturnType<typeof parseEntryId>;
type CellParser = (cell: string) => Parsed | Refusal;

const PARSERS: Record<Exclude<Field, "email">, CellParser> = {
  impersonation_registry_id: parseEntryId,
  match_email: (cell) => refuseLine("the entry's current e-mail address", cell) ?? cell,
  name: parseName,
  comments: parseComments,
  is_email_regex: parseBoolean,
  directory_id: parseInteger,
  directory_node_id: parseInteger,
  external_directory_node_id: parseExternalId,
  provenance: parseProvenance,
  modified_at: parseModifiedAt,
};

const NULLABLE: ReadonlySet<Field> = new Set<Field>([
  "comments",
  "directory_id",
  "directory_node_id",
  "external_directory_node_id",
]);

/** Whether a spreadsheet leaves out empty cells at the end of a row (xlsx) or writes every one (CSV). */
export interface RowShape {
  shortRows: boolean;
}

/** Turns each row of one file into a change or all its problems. */
export interface RowReader {
  /** Takes the cells over: they are part of what comes back. */
  read(row: RawRow): SourceRow;
  /** A sentence on values that only the API can judge, in the rows read so far; null where there are none. */
  doubts(): string | null;
}

/** Rows that a note names. */
const NAMED_ROWS = 10;

/** The header is looked at here, once, so that a row costs little more than its cells. */
export function makeRowReader(header: readonly string[], columns: readonly Column[], shape: RowShape): RowReader {
  const regexColumn = columns.find((c) => c.field === "is_email_regex");
  /** Cells behind the last column that is used may be missing: nothing is sent of them. */
  const needed = shape.shortRows ? 0 : Math.max(...columns.map((c) => c.index)) + 1;
  const doubtfulRows: number[] = [];
  let doubtful = 0;

  function read({ row, cells }: RawRow): SourceRow {
    const shapeProblem = fitCells(cells, header, needed);
    if (shapeProblem !== null) return { row, cells, change: null, problems: [shapeProblem] };

    const isRegex = regexColumn !== undefined && parseBoolean(cells[regexColumn.index]!.trim()) === true;
    const values: Partial<Record<Field, Parsed>> = {};
    const problems: Problem[] = [];
    for (const { field, index, header: name } of columns) {
      const cell = cells[index]!.trim();
      if (cell === "") continue;
      const value = parseCell(field, cell, isRegex);
      if (value instanceof Refusal) problems.push({ column: name, expected: value.expected, found: value.found });
      else values[field] = value;
    }
    if (problems.length > 0) return { row, cells, change: null, problems };
    if (isRegex && typeof values.email === "string" && !isCheckable(values.email)) {
      doubtful++;
      if (doubtfulRows.length < NAMED_ROWS) doubtfulRows.push(row);
    }
    const change = makeChange(values);
    return { row, cells, change, problems: change === null ? [namesNoEntry(columns)] : problems };
  }

  function doubts(): string | null {
    if (doubtful === 0) return null;
    const rows = doubtfulRows.join(", ") + (doubtful > NAMED_ROWS ? ` and ${doubtful - NAMED_ROWS} more` : "");
    return `Whether Java takes the regular expression, only the API can tell: ${doubtful === 1 ? "row" : "rows"} ${rows}.`;
  }

  return { read, doubts };
}

function parseCell(field: Field, cell: string, isRegex: boolean): Parsed | Refusal {
  if (isErrorValue(cell)) {
    const hint =
      cell === NOT_CALCULATED
        ? "a formula without a result; open the workbook in Excel or LibreOffice and save it"
        : "the spreadsheet's formula went wrong; correct it and export again";
    return new Refusal("a value", cell, hint);
  }
  if (cell.length === 6 && cell.toLowerCase() === "<null>")
    return NULLABLE.has(field) ? null : new Refusal(`a value (only ${[...NULLABLE].join(", ")} can be emptied)`, cell);
  if (field !== "email") return PARSERS[field](cell);
  return isRegex ? parseEmailPattern(cell) : parseEmailAddress(cell);
}

/** Makes the row as long as the header, or says why it can't be. Empty cells at the end don't count. */
function fitCells(cells: string[], header: readonly string[], needed: number): Problem | null {
  const width = header.length;
  while (cells.length > width && cells.at(-1)!.trim() === "") cells.pop();
  if (cells.length <= width && cells.length >= needed) {
    while (cells.length < width) cells.push("");
    return null;
  }
  const hint =
    cells.length > width
      ? `${show(cells[width]!)} is too much; a cell with the delimiter in it needs quotes around it`
      : `none for ${show(header[cells.length]!)}; a cell with a line break in it needs quotes around it, an empty one its delimiter`;
  return {
    column: null,
    expected: `${width} ${width === 1 ? "cell" : "cells"}, as the header has`,
    found: `${cells.length} (${hint})`,
  };
}

/** Null when the row names no entry. */
function makeChange(values: Partial<Record<Field, Parsed>>): Change | null {
  const target = findTarget(values);
  if (target === null) return null;
  const set: EntryUpdate = {};
  for (const field in values) {
    if (field === "impersonation_registry_id" || field === "match_email" || field === "modified_at") continue;
    set[field as UpdatableField] = values[field as UpdatableField] as FieldValue;
  }
  // Here the e-mail only found the entry.
  if (target.by !== "id" && values.match_email === undefined) delete set.email;
  return { target, set, modifiedAt: (values.modified_at as string | undefined) ?? null };
}

function findTarget(values: Partial<Record<Field, Parsed>>): Target | null {
  const id = values.impersonation_registry_id as ReturnType<typeof parseEntryId> | undefined;
  const email = (values.match_email ?? values.email ?? null) as string | null;
  if (id !== undefined && "id" in (id as object)) return { by: "id", id: (id as { id: string }).id };
  if (id !== undefined)
    return {
      by: "old-id",
      oldId: (id as { oldId: string }).oldId,
      email,
      name: (values.name as string | undefined) ?? null,
    };
  return email === null ? null : { by: "email", email };
}

function namesNoEntry(columns: readonly Column[]): Problem {
  const finding = columns
    .filter(({ field }) => field === "impersonation_registry_id" || field === "match_email" || field === "email")
    .map(({ header }) => show(header))
    .join(" or ");
  return { column: null, expected: `a value in ${finding}, to find the entry by`, found: "none" };
}
