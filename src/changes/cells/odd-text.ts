/** Words for nothing, which a program or a person wrote into a cell that had no value. */
const NULL_WORD = /^(?:\(?(?:null|nil|none|empty|blank|undefined|unknown|nan)\)?|n\.?\/?a\.?|-{1,3}|[–—?.]|tbd)$/i;
const BOOLEAN_WORD = /^(?:true|false|wahr|falsch|vrai|faux)$/i;
const NUMBER = /^[+-]?[\d.,\s]*\d$/;
const DATE = /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]\d{1,2}:\d{2}.*)?$/;

/** What is odd about a text, as a warning's code and what the text looks like. */
export interface OddText {
  code: "null_word" | "boolean_in_name" | "number_in_name" | "date_in_name";
  looksLike: string;
}

/** What is odd about a name, or null. @param cell trimmed, not empty */
export function oddName(cell: string): OddText | null {
  if (isOrdinary(cell)) return null;
  if (DATE.test(cell)) return { code: "date_in_name", looksLike: "a date" };
  if (NUMBER.test(cell)) return { code: "number_in_name", looksLike: "a number" };
  if (BOOLEAN_WORD.test(cell)) return { code: "boolean_in_name", looksLike: "true or false" };
  return nullWord(cell);
}

/** A word for nothing, or null. @param cell trimmed, not empty */
export function nullWord(cell: string): OddText | null {
  if (isOrdinary(cell) || !NULL_WORD.test(cell)) return null;
  return { code: "null_word", looksLike: "a word for nothing" };
}

/** Nothing longer is any of these, and no word of letters longer than the second. */
const LONGEST = 24;
const LONGEST_WORD = 10;
const LETTER_A = 65;

/** Told at a glance, as nearly all names are. */
function isOrdinary(cell: string): boolean {
  return cell.length > LONGEST || (cell.length > LONGEST_WORD && cell.charCodeAt(0) >= LETTER_A);
}
