import { NOT_CALCULATED } from "../cells/error-value.ts";
import type { RawRow } from "../row-reader.ts";
import { dateText, numberText } from "./number-text.ts";
import { type Parts, tooLarge } from "./parts.ts";
import { makeTextCollector } from "./shared-strings.ts";
import type { IsDateStyle } from "./styles.ts";
import { readXml } from "./xml.ts";

/** Excel's own limit. */
const MOST_COLUMNS = 16_384;
/** Empty ones between filled ones included; a million rows of 50 columns. */
const MOST_CELLS = 50_000_000;

/** What cells refer to. */
export interface CellContext {
  strings: readonly string[];
  isDate: IsDateStyle;
  from1904: boolean;
}

/** The rows that have a cell with something in it, in batches. */
export async function* readSheetRows(
  parts: Parts,
  part: string,
  context: CellContext,
  notes: string[],
): AsyncGenerator<RawRow[]> {
  let batch: RawRow[] = [];
  let row = 0;
  let cells: string[] = [];
  let column = -1;
  let type = "n";
  let style = 0;
  let value = "";
  let inValue = false;
  let hasFormula = false;
  let cellCount = 0;
  let hiddenRows = 0;
  const text = makeTextCollector();

  const chunks = readXml(parts, part, {
    open(name, attributes) {
      switch (name) {
        case "row":
          row = Number(attributes["r"]) > row ? Number(attributes["r"]) : row + 1;
          if (attributes["hidden"] === "1" || attributes["hidden"] === "true") hiddenRows++;
          cells = [];
          column = -1;
          break;
        case "c":
          column = Math.max(columnOf(attributes["r"] ?? ""), column + 1);
          type = attributes["t"] ?? "n";
          style = Number(attributes["s"] ?? 0);
          value = "";
          hasFormula = false;
          text.start();
          break;
        case "v":
          inValue = true;
          break;
        case "f":
          hasFormula = true;
          break;
        default:
          text.open(name);
      }
    },
    text(piece) {
      if (inValue) value += piece;
      else text.add(piece);
    },
    close(name) {
      if (name === "v") inValue = false;
      else if (name === "c") {
        const content = type === "inlineStr" ? text.take() : cellText(type, style, value, hasFormula, context);
        if (content === "") return;
        if (!(column < MOST_COLUMNS)) throw tooLarge(parts.file, `more than ${MOST_COLUMNS} columns in row ${row}`);
        cellCount += column + 1 - cells.length;
        if (cellCount > MOST_CELLS) throw tooLarge(parts.file, `more than ${MOST_CELLS} cells`);
        while (cells.length < column) cells.push("");
        cells[column] = content;
      } else if (name === "row") {
        if (cells.length > 0) batch.push({ row, cells });
      } else text.close(name);
    },
  });
  for await (const _ of chunks) {
    if (batch.length === 0) continue;
    yield batch;
    batch = [];
  }
  if (hiddenRows > 0) {
    const [are, were] = hiddenRows === 1 ? ["is", "was"] : ["are", "were"];
    notes.push(`${hiddenRows} of the rows ${are} hidden or filtered out in the sheet and ${were} read too.`);
  }
}

/** What the cell shows. Source: ECMA-376 part 1, 18.18.11 (ST_CellType). */
function cellText(type: string, style: number, value: string, hasFormula: boolean, context: CellContext): string {
  if (value === "") return hasFormula && type !== "str" ? NOT_CALCULATED : "";
  switch (type) {
    case "s":
      return context.strings[Number(value)] ?? "";
    case "b":
      return value === "1" || value === "true" ? "TRUE" : "FALSE";
    case "n":
      return context.isDate(style) ? dateText(value, context.from1904) : numberText(value);
    default:
      // Formula text, error value, ISO date.
      return value;
  }
}

/** 0 for `A7`, 26 for `AA7`, -1 where there are no letters. */
function columnOf(reference: string): number {
  let column = 0;
  for (let i = 0; i < reference.length; i++) {
    const letter = reference.charCodeAt(i) | 32;
    if (letter < 97 || letter > 122) break;
    column = column * 26 + letter - 96;
  }
  return column - 1;
}
