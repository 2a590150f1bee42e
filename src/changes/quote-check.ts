const QUOTE = 34;
const CR = 13;
const LF = 10;

/**
 * A function that is given a CSV file's bytes in order and answers the position in them of a quoted cell that was never closed but ran on,
 * over a delimiter or a line break, to a quote in some later cell: that quote's, -1 where it was the last byte before these; null when there is
 * none. Read on regardless, such a cell would swallow rows. A quoted cell with text behind it (`"Bob" Smith`) is harmless, and read as it stands.
 * Costs next to nothing where there are no quotes.
 */
export function makeQuoteCheck(delimiter: string): (bytes: Buffer) => number | null {
  const delimiterBytes = Buffer.from(delimiter);
  const last = delimiterBytes[delimiterBytes.length - 1]!;
  const first = delimiterBytes[0]!;
  const oneBefore = delimiterBytes.length > 1 ? delimiterBytes[delimiterBytes.length - 2]! : -1;

  const endsDelimiter = (bytes: Buffer, at: number, before: number): boolean =>
    oneBefore < 0 || (at === 0 ? before : bytes[at - 1]) === oneBefore;
  /** Between two calls. */
  const kept = { quoted: false, spanning: false, afterQuote: false, before: LF };

  return function check(bytes) {
    if (!kept.quoted && !bytes.includes(QUOTE)) {
      if (bytes.length > 0) kept.before = bytes[bytes.length - 1]!;
      return null;
    }
    const end = bytes.length;
    const { before } = kept;
    let { quoted } = kept;
    /** Inside quotes: a delimiter or line break was seen. */
    let { spanning } = kept;
    /** The byte before is a quote that closes the cell or escapes the next. */
    let { afterQuote } = kept;
    for (let i = 0; i < end; i++) {
      if (!quoted) {
        while (i < end && bytes[i] !== QUOTE) i++;
        if (i === end) break;
        const previous = i === 0 ? before : bytes[i - 1]!;
        quoted = previous === LF || previous === CR || previous === last;
        spanning = false;
        afterQuote = false;
      } else if (afterQuote) {
        afterQuote = false;
        const byte = bytes[i]!;
        if (byte === QUOTE) continue;
        quoted = false;
        if (spanning && byte !== LF && byte !== CR && byte !== first) return i - 1;
      } else {
        let byte = bytes[i]!;
        while (!spanning && byte !== QUOTE) {
          spanning = byte === LF || byte === CR || (byte === last && endsDelimiter(bytes, i, before));
          if (++i === end) break;
          byte = bytes[i]!;
        }
        while (i < end && bytes[i] !== QUOTE) i++;
        afterQuote = i < end;
      }
    }
    kept.quoted = quoted;
    kept.spanning = spanning;
    kept.afterQuote = afterQuote;
    if (end > 0) kept.before = bytes[end - 1]!;
    return null;
  };
}
