/** Characters that don't show, or that move the text around them: controls, zero-width and direction marks, lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** The text in quotes, safe to print on one line: cut to 60 characters, invisible characters as `<U+200B>`. */
export function show(text: string): string {
  const cut = text.length > 200 ? text.slice(0, 200) : text;
  const points = Array.from(cut);
  const short = points.length > 60 || cut !== text ? `${points.slice(0, 57).join("")}…` : text;
  return `"${short.replace(UNPRINTABLE, (character) => `<${codePoint(character)}>`)}"`;
}

/** `U+200B` of the first character. */
export function codePoint(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}
