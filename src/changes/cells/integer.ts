import { Refusal } from "./refusal.ts";

/** Digits, then perhaps `.0` or `,0`, or an exponent, as Excel writes numbers. */
const NUMBER = /^([+-]?\d+)(?:[.,](\d+))?(?:e([+-]?\d{1,3}))?$/i;

const EXPECTED = "a whole number";

/**
 * A whole number, also as Excel writes one: `17.0`, `17,0`, `1.7E1`. Refused is what may have meant something else:
 * `1.000` (a thousand in German, one in English), and a number that Excel shortened (`1.23457E+11`), whose last digits are lost.
 * @param cell trimmed, not empty
 */
export function parseInteger(cell: string): number | Refusal {
  const parts = NUMBER.exec(cell);
  if (parts === null) return new Refusal(EXPECTED, cell);
  const [, whole = "", fraction = "", exponent] = parts;
  const shift = exponent === undefined ? 0 : Number(exponent);
  if (exponent === undefined && fraction.length === 3)
    return new Refusal(EXPECTED, cell, "could be thousands or decimals; write it without separators");
  if (shift >= 11 && fraction.length < shift)
    return new Refusal(
      EXPECTED,
      cell,
      "the spreadsheet shortened it; show the column as a number without decimals and export again",
    );
  const value = Number(`${whole}.${fraction || "0"}e${shift}`);
  if (!Number.isInteger(value)) return new Refusal(EXPECTED, cell);
  return Number.isSafeInteger(value) ? value + 0 : new Refusal(EXPECTED, cell, "it is too large to be exact");
}
