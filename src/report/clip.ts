/** Characters of one text that the page shows. */
const MOST_CHARACTERS = 240;

/**
 * The text, or its beginning and `…` where it is longer than `most` (UTF-16 units). What is clipped does not keep the
 * whole text in memory, as a slice would.
 */
export function clip(text: string, most = MOST_CHARACTERS): string {
  if (text.length <= most) return text;
  const head = text.slice(0, most);
  // Through bytes: the engine keeps the whole text for as long as a slice of it lives. `toWellFormed`: a cut may halve a character.
  return `${Buffer.from(head.toWellFormed()).toString()}…`;
}
