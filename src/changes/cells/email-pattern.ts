import { RE2JS } from "re2js";
import { Refusal } from "./refusal.ts";
import { refuseLine } from "./text.ts";

const EXPECTED = "a regular expression (Java syntax)";

/**
 * A regular expression as the API takes it, in Java's syntax. There is no Java here, so two relatives that are here decide: RE2, whose syntax
 * is nearly a part of Java's, and JavaScript, which knows look-around and back-references. What only Java has passes;
 * `isCheckable` is false for it.
 * @param cell trimmed, not empty
 */
export function parseEmailPattern(cell: string): string | Refusal {
  const refusal = refuseLine(EXPECTED, cell);
  if (refusal !== null) return refusal;
  if (cell.includes("(?P")) return new Refusal(EXPECTED, cell, "Java writes a named group (?<name>…)");
  if (/\{(?!\d+(?:,\d*)?\})/.test(withoutEscapes(cell)))
    return new Refusal(EXPECTED, cell, "a { that is no repetition is written \\{ in Java");
  if (failure(() => RE2JS.compile(cell)) === null || failure(() => new RegExp(cell, "u")) === null) return cell;
  const error = failure(() => new RegExp(withoutJavaOnly(cell)));
  return error === null ? cell : new Refusal(EXPECTED, cell, error);
}

/** False for a pattern whose syntax only Java, and so only the API, can judge for certain. */
export function isCheckable(pattern: string): boolean {
  // Java limits what stands in a look-behind, and reads a bracket or && inside a class in its own way.
  if (/\(\?<[=!]|\[[^\]]*(?:&&|\[)/.test(pattern)) return false;
  return failure(() => RE2JS.compile(pattern)) === null || failure(() => new RegExp(pattern, "u")) === null;
}

/** Without what is escaped or stands in a character class. */
function withoutEscapes(pattern: string): string {
  return pattern
    .replace(/\\Q.*?(?:\\E|$)/gs, "")
    .replace(/\\(?:[pPxN]\{[^}]*\}|.)/gs, "")
    .replace(/\[\^?\]?[^\]]*\]/g, "");
}

/** Java's own constructs replaced by plain ones of the same shape, so that what is left of the pattern can be tried. */
function withoutJavaOnly(pattern: string): string {
  return pattern
    .replace(/\\Q.*?(?:\\E|$)/gs, "x")
    .replace(/\\[pP]\{\w+(?:=\w+)?\}|\\N\{[^}]*\}|\\[hHRXZAzGvV]/g, "x")
    .replace(/\(\?>/g, "(?:")
    .replace(/\(\?[idmsuxU-]+(:?)\)?/g, (_, colon) => (colon === ":" ? "(?:" : ""))
    .replace(/([*+?}])\+/g, "$1");
}

/** What is said against it, or null. */
function failure(attempt: () => unknown): string | null {
  try {
    attempt();
    return null;
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: .*: /s, "").toLowerCase();
  }
}
