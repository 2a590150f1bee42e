import { Refusal } from "./refusal.ts";
import { refuseLine } from "./text.ts";

const EXPECTED = "a regular expression (Java syntax)";

/** @param cell trimmed, not empty */
export function parseEmailPattern(cell: string): string | Refusal {
  const refusal = refuseLine(EXPECTED, cell);
  if (refusal !== null) return refusal;
  try {
    void new RegExp(cell);
    return cell;
  } catch (error) {
    return new Refusal(EXPECTED, cell, (error as Error).message.replace(/^.*: /, ""));
  }
}
