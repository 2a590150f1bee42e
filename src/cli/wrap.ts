import { widthOf } from "./styled-text.ts";

/**
 * What stays in one piece: text in backticks, a command to the end of its line (to be copied), a number with its unit of time, a
 * word, a run of spaces.
 */
const PIECES = /`[^`]*`\S*|bulkpatch [a-z-]+ .*$|\d+ (?:s|min|h)(?!\w)\S*|\S+|\s+/g;

/** A mark, a name or a number before what is said of it: it has a column of its own. */
const LABEL = /^ *\S+(?: \S+)* {2,}(?=\S)/;

/**
 * Breaks lines that are wider than the terminal between words; what follows is indented by two more than the line, or stands below
 * what the line says behind its label. A word, an id
 * or a command is never broken, even where it is wider than the terminal: then the terminal does it, and copying it gives it whole.
 */
export function wrap(text: string, columns: number): string {
  return text
    .split("\n")
    .map((line) => (widthOf(line) <= columns ? line : wrapLine(line, columns)))
    .join("\n");
}

function wrapLine(line: string, columns: number): string {
  const indent = /^ */.exec(line)![0];
  const ordinary = indent.length + 2 < columns / 2 ? `${indent}  ` : "";
  const label = LABEL.exec(line)?.[0] ?? "";
  const next = label !== "" && widthOf(label) <= columns / 3 ? " ".repeat(widthOf(label)) : ordinary;
  const lines: string[] = [];
  let current = indent;
  let width = indent.length;
  for (const piece of line.slice(indent.length).match(PIECES) ?? []) {
    const pieceWidth = widthOf(piece);
    if (width + pieceWidth > columns && current.trim() !== "") {
      lines.push(current.trimEnd());
      current = next;
      width = next.length;
      if (piece.trim() === "") continue;
    }
    current += piece;
    width += pieceWidth;
  }
  return [...lines, current.trimEnd()].join("\n");
}
