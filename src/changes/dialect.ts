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

/** Records in which the header is looked for. */
const RECORDS = 20;

/**
 * How the file is written, told by its header, which is one of the first records: the delimiter is the one that gives the most known columns, else
 * the most columns in the first. Delimiters inside quotes don't count.
 * @param head the beginning of the file, at least to the end of the header
 * @param isKnown whether a header cell names a known column
 */
export function detectDialect(head: string, isKnown: (cell: string) => boolean): Dialect {
  const sep = SEP_LINE.exec(head);
  if (sep !== null) return { delimiter: sep[1]!, skip: sep[0].length };
  const scored = DELIMITERS.map((delimiter) => {
    const records = [...readRecords(head, delimiter)];
    const known = Math.max(...records.map((cells) => cells.filter(isKnown).length));
    return { delimiter, known, columns: records[0]!.length };
  });
  scored.sort((a, b) => b.known - a.known || b.columns - a.columns);
  return { delimiter: scored[0]!.delimiter, skip: 0 };
}

/** Cells of the first records that are not empty; of an empty one where all are. */
function* readRecords(text: string, delimiter: string): Generator<string[]> {
  let cells: string[] = [];
  let cell = "";
  let quoted = false;
  let records = 0;
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
      const record = [...cells, cell];
      cells = [];
      cell = "";
      if (record.every((other) => other.trim() === "")) continue;
      yield record;
      if (++records === RECORDS) return;
    } else cell += c;
  }
  yield [...cells, cell];
}
