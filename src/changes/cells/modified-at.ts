import { Refusal } from "./refusal.ts";

const HOURS = String.raw`(?:[01]\d|2[0-3]):[0-5]\d`;
const TIME = new RegExp(String.raw`^(\d{4}-\d{2}-\d{2})T${HOURS}:[0-5]\d(?:\.\d+)?(?:Z|[+-]${HOURS})$`);

/** A moment, kept as written. @param cell trimmed, not empty */
export function parseModifiedAt(cell: string): string | Refusal {
  const day = TIME.exec(cell)?.[1];
  return day !== undefined && isDay(day)
    ? cell
    : new Refusal("a date and time with its zone (ISO 8601, like 2026-01-31T09:30:00Z)", cell);
}

/** February has no 30th. */
function isDay(day: string): boolean {
  const date = new Date(day);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
