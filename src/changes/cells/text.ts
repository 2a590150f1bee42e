import { codePoint } from "./show.ts";
import { Refusal } from "./refusal.ts";

/** The most that a spreadsheet program keeps in one cell. */
const LONGEST_CELL = 32_767;
const COMMENTS_EXPECTED = "text of at most 32,767 characters";

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
// oxlint-disable-next-line no-control-regex
const CONTROL_BUT_BREAKS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;
/** Nearly all texts, about which nothing else needs to be asked. */
const PLAIN = /^[ -~]*$/;
const PLAIN_LINES = /^[\t\n\r -~]*$/;
/** Left behind by copying and pasting; unlike the joiners of some scripts and of emoji they never belong to a name. */
const INVISIBLE = /[\u200b\u2060\ufeff]/;

const LONGEST_NAME = 1024;

/** One line of text. @returns null when there is nothing to say against it */
export function refuseLine(expected: string, cell: string): Refusal | null {
  const control = CONTROL.exec(cell);
  if (control !== null) return refuseCharacter(expected, cell, control);
  return cell.includes("\ufffd") ? refuseLost(expected, cell) : null;
}

/** @param cell trimmed, not empty */
export function parseName(cell: string): string | Refusal {
  if (cell.length <= LONGEST_NAME && PLAIN.test(cell)) return cell;
  const expected = "a name of 1 to 1024 characters on one line";
  const refusal = refuseLine(expected, cell);
  if (refusal !== null) return refusal;
  const invisible = INVISIBLE.exec(cell);
  if (invisible !== null) return refuseCharacter(expected, cell, invisible, "an invisible character");
  // Counted as people do: an emoji outside the basic plane is one character, not two.
  if (cell.length <= LONGEST_NAME || Array.from(cell).length <= LONGEST_NAME) return cell;
  return new Refusal(expected, cell, `${Array.from(cell).length} characters`);
}

/** Text that may have several lines. @param cell trimmed, not empty */
export function parseComments(cell: string): string | Refusal {
  if (cell.length <= LONGEST_CELL && PLAIN_LINES.test(cell)) return cell;
  const control = CONTROL_BUT_BREAKS.exec(cell);
  if (control !== null) return refuseCharacter(COMMENTS_EXPECTED, cell, control);
  if (cell.includes("\ufffd")) return refuseLost(COMMENTS_EXPECTED, cell);
  return cell.length <= LONGEST_CELL
    ? cell
    : new Refusal(COMMENTS_EXPECTED, cell, `${cell.length.toLocaleString("en")} characters`);
}

/** @param cell trimmed, not empty */
export function parseExternalId(cell: string): string | Refusal {
  const expected = "an id of at most 1024 characters on one line";
  const refusal = refuseLine(expected, cell);
  if (refusal !== null) return refusal;
  return cell.length <= LONGEST_NAME ? cell : new Refusal(expected, cell, `${cell.length} characters`);
}

const KNOWN_CONTROLS: Record<string, string | undefined> = {
  "\n": "a line break",
  "\r": "a line break",
  "\t": "a tab",
};

function refuseCharacter(
  expected: string,
  cell: string,
  match: RegExpExecArray,
  what = KNOWN_CONTROLS[match[0]] ?? "a control character",
): Refusal {
  const position = Array.from(cell.slice(0, match.index)).length + 1;
  return new Refusal(expected, cell, `${what}, ${codePoint(match[0])}, at position ${position}; delete it`);
}

function refuseLost(expected: string, cell: string): Refusal {
  return new Refusal(
    expected,
    cell,
    "a character was lost in a conversion, U+FFFD; export the file again as UTF-8, or give its --encoding",
  );
}
