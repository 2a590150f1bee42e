import { styleText } from "node:util";
import { visibleLines } from "../visible-text.ts";

/*
 * Text with a style is carried with marks instead of a terminal's codes, until it is known which stream it goes to: a result may go
 * into a file while a note beside it goes to a terminal. So a code that stands in a name, a message or a file can't be mistaken for ours.
 */

const STYLES = ["bold", "dim", "red", "green", "yellow", "cyan"] as const;
export type Style = (typeof STYLES)[number];

/** Characters that Unicode sets aside for a program's own use and that stand for no text: one opens each style, one closes it. */
const FIRST_MARK = 0xfdd0;
const MARK = /[\uFDD0-\uFDEF]/g;

const markOf = (style: Style, end: 0 | 1): string => String.fromCharCode(FIRST_MARK + 2 * STYLES.indexOf(style) + end);

/** The text between the marks of a style. */
export function styled(style: Style, text: string): string {
  return `${markOf(style, 0)}${text}${markOf(style, 1)}`;
}

/** Text as it may be sent to a stream: our marks as its codes, or as nothing; every other unseen character so that it is seen. */
export function renderStyled(text: string, colours: boolean): string {
  const isOurs = isPaired(text); // somebody's text may hold marks, too
  return visibleLines(text).replaceAll(MARK, (mark) => (colours && isOurs ? (codeOf(mark) ?? "") : ""));
}

/** Columns that the text takes on a terminal, about: a wide character takes two, a combining one none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text.replaceAll(MARK, ""))
    width += NO_COLUMN.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** As much of the text as so many columns hold, `…` where something is left out; its styles are closed where they were. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const character of text) {
    const isMark = /^[\uFDD0-\uFDEF]$/.test(character);
    width += isMark ? 0 : widthOf(character);
    if (isMark || width < columns) kept += character;
  }
  return columns > 0 ? `${kept}…` : "";
}

const NO_COLUMN = /\p{Mn}|\p{Me}|\u200C|\u200D|[\uFE00-\uFE0F]/u;
const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;

function isPaired(text: string): boolean {
  const marks = text.match(MARK) ?? [];
  return marks.length === 2 * marks.filter((mark) => mark.charCodeAt(0) % 2 === FIRST_MARK % 2).length;
}

function codeOf(mark: string): string | undefined {
  const index = mark.charCodeAt(0) - FIRST_MARK;
  const style = STYLES[index >> 1];
  if (style === undefined) return undefined;
  const [open, close] = styleText(style, "|", { validateStream: false }).split("|");
  return index % 2 === 0 ? open : close;
}

/** Whether a stream shows colours: a terminal that can, NO_COLOR and FORCE_COLOR heeded. */
export function showsColours(stream: NodeJS.WriteStream): boolean {
  return styleText("bold", "x", { stream }) !== "x";
}
