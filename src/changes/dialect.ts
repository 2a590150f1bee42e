/** How a CSV file is written. */
export interface Dialect {
  delimiter: string;
  /** Characters before the header that are not data: a `sep=;` line. */
  skip: number;
}

/** In the order in which they win when nothing else tells them apart. */
const DELIMITERS = [",", ";", "\t", "|"];

/** Excel takes such a first line as an instruction and doesn't show it. */
const SEP_LINE = /^"?sep=([^\r\n])"?(?:\r\n|\n|\r|$)/i;

/**
 * How the file is written, told by its header: the delimiter is the one that gives the most known columns, else the most columns.
 * Delimiters inside quotes don't count.
 * @param head the beginning of the file, at least to the end of the header
 * @param isKnown whether a header cell names a known column
 */
export function detectDialect(head: string, isKnown: (cell: string) => boolean): Dialect {
  const sep = SEP_LINE.exec(head);
  if (sep !== null) return { delimiter: sep[1]!, skip: sep[0].length };
  const scored = DELIMITERS.map((delimiter) => {
    const cells = readFirstRecord(head, delimiter);
    return { delimiter, known: cells.filter(isKnown).length, columns: cells.length };
  });
  scored.sort((a, b) => b.known - a.known || b.columns - a.columns);
  return { delimiter: scored[0]!.delimiter, skip: 0 };
}

/** Cells of the first record that is not empty. */
function readFirstRecord(text: string, delimiter: string): string[] {
  let cells: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoted = false;
    } else if (c === '"' && cell === "") quoted = true;
    else if (c === delimiter) {
      cells.push(cell);
      cell = "";
    } else if (c === "\n" || c === "\r") {
      if (cell.trim() !== "" || cells.some((other) => other.trim() !== "")) break;
      cells = [];
      cell = "";
    } else cell += c;
  }
  return [...cells, cell];
}
