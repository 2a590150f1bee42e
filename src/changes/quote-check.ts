const QUOTE = 34;
const CR = 13;
const LF = 10;

/**
 * A function that is given a CSV file's bytes in order and answers the position in them of a quoted cell that was never closed but ran on,
 * over a delimiter or a line break, to a quote in some later cell; -1 when there is none. Read on regardless, such a cell
 * would swallow rows. A quoted cell with text behind it (`"Bob" Smith`) is harmless, and read as it stands.
 * Costs next to nothing where there are no quotes.
 */
export function makeQuoteCheck(delimiter: string): (bytes: Buffer) => number {
  const delimiterBytes = Buffer.from(delimiter);
  const lastOfDelimiter = delimiterBytes[delimiterBytes.length - 1]!;
  const firstOfDelimiter = delimiterBytes[0]!;
  const endsCell = (byte: number) => byte === LF || byte === CR || byte === firstOfDelimiter;
  const spans = (bytes: Buffer) => bytes.includes(LF) || bytes.includes(CR) || bytes.includes(delimiterBytes);

  let quoted = false;
  /** Inside quotes: a delimiter or line break was seen. */
  let spanning = false;
  /** The byte before is a quote that closes the cell or escapes the next. */
  let afterQuote = false;
  let before = LF;

  return function check(bytes) {
    let from = 0;
    if (bytes.length === 0) return -1;
    if (afterQuote) {
      afterQuote = false;
      if (bytes[0] === QUOTE) from = 1;
      else {
        quoted = false;
        if (!endsCell(bytes[0]!) && spanning) return 0;
      }
    }
    for (;;) {
      const at = bytes.indexOf(QUOTE, from);
      if (quoted && !spanning) spanning = spans(bytes.subarray(from, at === -1 ? bytes.length : at));
      if (at === -1) break;
      if (!quoted) {
        const previous = at === 0 ? before : bytes[at - 1]!;
        if (previous === LF || previous === CR || previous === lastOfDelimiter) {
          quoted = true;
          spanning = false;
        }
        from = at + 1;
        continue;
      }
      if (at === bytes.length - 1) {
        afterQuote = true;
        break;
      }
      const next = bytes[at + 1]!;
      if (next === QUOTE) {
        from = at + 2;
        continue;
      }
      quoted = false;
      if (!endsCell(next) && spanning) return at;
      from = at + 1;
    }
    before = bytes[bytes.length - 1]!;
    return -1;
  };
}
