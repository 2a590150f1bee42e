/** Characters that don't show, or that move the text around them: controls, zero-width and direction marks, lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** The text in quotes, safe to print on one line: cut to 60 characters, invisible characters as `<U+200B>`. */
export function show(text: string): string {
  const short = text.length <= LONGEST ? text : shorten(text);
  if (PLAIN.test(short)) return `"${short}"`;
  return `"${short.replace(UNPRINTABLE, (character) => `<${codePoint(character)}>`)}"`;
}

/** Most texts; so that thousands of problems cost little. */
const PLAIN = /^[ -~]*$/;
/** Characters, as people count them. */
const LONGEST = 60;

function shorten(text: string): string {
  const points = Array.from(text.slice(0, 200));
  return points.length > LONGEST || text.length > 200 ? `${points.slice(0, LONGEST - 3).join("")}…` : text;
}

/** `U+200B` of the first character. */
export function codePoint(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}
