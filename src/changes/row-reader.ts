import type { EntryUpdate, FieldValue } from "../registry/entry.ts";
import { parseBoolean } from "./cells/boolean.ts";
import { addressWithin, parseEmailAddress } from "./cells/email-address.ts";
import { isCheckable, parseEmailPattern } from "./cells/email-pattern.ts";
import { type EntryId, parseEntryId } from "./cells/entry-id.ts";
import { isErrorValue, NOT_CALCULATED } from "./cells/error-value.ts";
import { parseInteger } from "./cells/integer.ts";
import { parseModifiedAt } from "./cells/modified-at.ts";
import { nullWord, oddName, type OddText } from "./cells/odd-text.ts";
import { parseProvenance } from "./cells/provenance.ts";
import { Refusal } from "./cells/refusal.ts";
import { show } from "./cells/show.ts";
import { parseComments, parseExternalId, parseName, refuseLine } from "./cells/text.ts";
import type { Problem, RowWarning, SourceRow, Target } from "./change.ts";
import type { Field } from "./columns.ts";
import type { Column } from "./header.ts";
import { makeRowList } from "./row-list.ts";

/** A row as the file has it, before checks. */
export interface RawRow {
  /** As the spreadsheet shows it, from 1. */
  row: number;
  cells: string[];
}

/** A cell's value; the id's parser alone answers an object. */
type Parsed = FieldValue | EntryId;
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

/** What is looked for in texts that are taken as they are. */
const ODDITIES: Partial<Record<Field, (cell: string) => OddText | null>> = {
  name: oddName,
  comments: nullWord,
  external_directory_node_id: nullWord,
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
  /** Sentences on what was decided in the rows read so far, or that only the API can judge. */
  notes(): string[];
}

/** The header is looked at here, once, so that a row costs little more than its cells. */
export function makeRowReader(header: readonly string[], columns: readonly Column[], shape: RowShape): RowReader {
  const indexOf = (field: Field) => columns.find((column) => column.field === field)?.index ?? -1;
  const regexAt = indexOf("is_email_regex");
  const idAt = indexOf("impersonation_registry_id");
  const matchAt = indexOf("match_email");
  /** Cells behind the last column that is used may be missing: nothing is sent of them. */
  const needed = shape.shortRows ? 0 : Math.max(...columns.map((c) => c.index)) + 1;
  const doubtful = makeRowList();
  const unwrapped = makeRowList();

  function read({ row, cells }: RawRow): SourceRow {
    const shapeProblem = fitCells(cells, header, needed);
    if (shapeProblem !== null) return { row, cells, change: null, problems: [shapeProblem] };

    const isRegex = regexAt >= 0 && parseBoolean(cells[regexAt]!.trim()) === true;
    /** Without an id or a `match_email` the e-mail finds the entry, and is no change. */
    const isNamed = (idAt >= 0 && cells[idAt]!.trim() !== "") || (matchAt >= 0 && cells[matchAt]!.trim() !== "");
    let id: EntryId | undefined;
    let matchEmail: string | null = null;
    let email: string | null = null;
    let modifiedAt: string | null = null;
    const set: EntryUpdate = {};
    const problems: Problem[] = [];
    let warnings: RowWarning[] | undefined;
    for (const { field, index, header: name } of columns) {
      const cell = cells[index]!.trim();
      if (cell === "") continue;
      let value = parseCell(field, cell, isRegex);
      if (field === "match_email" || (field === "email" && value instanceof Refusal && !isRegex)) {
        const address = addressWithin(cell);
        const parsed = address === null ? null : parseEmailAddress(address);
        if (typeof parsed === "string") {
          value = parsed;
          unwrapped.add(row);
        }
      }
      if (value instanceof Refusal) {
        problems.push({ column: name, expected: value.expected, found: value.found });
        continue;
      }
      switch (field) {
        case "impersonation_registry_id":
          id = value as EntryId;
          break;
        case "match_email":
          matchEmail = value as string;
          break;
        case "modified_at":
          modifiedAt = value as string;
          break;
        case "email":
          email = value as string;
          if (isNamed) set.email = email;
          break;
        default: {
          set[field] = value as FieldValue;
          const odd = value === null ? null : ODDITIES[field]?.(cell);
          if (odd) (warnings ??= []).push(warningOf(odd, name, cell));
        }
      }
    }
    if (problems.length > 0) return { row, cells, change: null, problems };
    if (isRegex && email !== null && !isCheckable(email)) doubtful.add(row);
    const target = findTarget(id, matchEmail ?? email, set);
    if (target === null) return { row, cells, change: null, problems: [namesNoEntry(columns)] };
    // An old id is no id: there, too, the e-mail finds the entry.
    if (target.by === "old-id" && matchEmail === null) delete set.email;
    const read: SourceRow = { row, cells, change: { target, set, modifiedAt }, problems };
    if (warnings !== undefined) read.warnings = warnings;
    return read;
  }

  function notes(): string[] {
    const said: string[] = [];
    if (unwrapped.count() > 0)
      said.push(`Took the address alone out of a link, or from beside a name: ${unwrapped.text()}.`);
    if (doubtful.count() > 0)
      said.push(`Whether Java takes the regular expression, only the API can tell: ${doubtful.text()}.`);
    return said;
  }

  return { read, notes };
}

function warningOf({ code, looksLike }: OddText, column: string, cell: string): RowWarning {
  const remedy = code === "null_word" ? "; an empty cell changes nothing, <null> empties a field" : "";
  return {
    code,
    message: `column ${show(column)}: ${show(cell)} looks like ${looksLike}, and is taken as it stands${remedy}`,
  };
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
function findTarget(id: EntryId | undefined, email: string | null, { name }: EntryUpdate): Target | null {
  if (id === undefined) return email === null ? null : { by: "email", email };
  if ("id" in id) return { by: "id", id: id.id };
  return { by: "old-id", oldId: id.oldId, email, name: (name as string | undefined) ?? null };
}

function namesNoEntry(columns: readonly Column[]): Problem {
  const finding = columns
    .filter(({ field }) => field === "impersonation_registry_id" || field === "match_email" || field === "email")
    .map(({ header }) => show(header))
    .join(" or ");
  return { column: null, expected: `a value in ${finding}, to find the entry by`, found: "none" };
}
