/**
 * Controls, and characters that turn, join or hide text without being seen. Not the joiners U+200C and U+200D, with which Persian and
 * Indic names are written, nor the variation selectors of emoji.
 */
const UNSEEN =
  /\u034F|[\p{Cc}\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;

/**
 * A person's or a server's text as one line in which every character is seen: unseen ones as `‹U+202E›`. Names that imitate others
 * are what the registry is about, and a terminal obeys what it is sent.
 */
export function visibleText(text: string): string {
  return makeUnseenVisible(text.replaceAll(/\r\n|[\r\n]/g, " ⏎ ").replaceAll("\t", " "));
}

/** The same for text of several lines, which keep their line breaks. */
export function visibleLines(text: string): string {
  return text
    .split("\n")
    .map((line) => makeUnseenVisible(line.replace(/\r$/, "").replaceAll("\t", "  ")))
    .join("\n");
}

/** JSON that means the same and in which every character is seen: unseen ones as `\u202e`. */
export function visibleJson(json: string): string {
  return json.replaceAll(UNSEEN, (character) =>
    character === "\n"
      ? character
      : character.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}

function makeUnseenVisible(line: string): string {
  return line.replaceAll(
    UNSEEN,
    (character) => `‹U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}›`,
  );
}
