/** Rows that a note names. */
const NAMED_ROWS = 10;

/** Numbers of rows that a note is about. However many come, only the first are held. */
export interface RowList {
  /** Rows come in order; one that comes twice counts once. */
  add(row: number): void;
  count(): number;
  /** `row 4`, `rows 4, 7 and 12 more`. */
  text(): string;
}

export function makeRowList(): RowList {
  const named: number[] = [];
  let count = 0;
  let latest = 0;
  return {
    add(row) {
      if (row === latest) return;
      latest = row;
      count++;
      if (named.length < NAMED_ROWS) named.push(row);
    },
    count: () => count,
    text: () =>
      `${count === 1 ? "row" : "rows"} ${named.join(", ")}${count > NAMED_ROWS ? ` and ${count - NAMED_ROWS} more` : ""}`,
  };
}
