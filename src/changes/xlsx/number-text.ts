const DAY_MS = 86_400_000;
const EXCEL_DIGITS = 15;

/**
 * A number cell's text: `17` for 17.0 and 1.7E1, `0.3` for 0.30000000000000004, since Excel shows no more than 15 digits of what it calculated.
 * @param raw as the file has it
 */
export function numberText(raw: string): string {
  const number = Number(raw);
  if (raw === "" || !Number.isFinite(number)) return raw;
  return String(Number.isInteger(number) ? number : Number(number.toPrecision(EXCEL_DIGITS)));
}

/**
 * A date cell's text, ISO 8601 without a zone, which a spreadsheet doesn't know: `2026-01-31`, `2026-01-31T09:30:00`, or `09:30:00`
 * for a time alone. A number that is no date comes back as a number.
 * @param raw days since the end of 1899 (or since 1904)
 */
export function dateText(raw: string, from1904: boolean): string {
  const serial = Number(raw);
  if (raw === "" || !(serial >= 0 && serial < 2_958_466)) return numberText(raw);
  // Excel believes that 1900 had a 29 February (day 60), so days before it are one off.
  const days = from1904 ? serial + 1462 : serial < 60 ? serial + 1 : serial;
  const ms = Math.round(((days - 25_569) * DAY_MS) / 1000) * 1000;
  const iso = new Date(ms).toISOString().slice(0, 19);
  if (serial < 1 && !from1904) return iso.slice(11);
  return ms % DAY_MS === 0 ? iso.slice(0, 10) : iso;
}
