import { parseInteger } from "./integer.ts";
import { Refusal } from "./refusal.ts";

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** The id of an entry: `id` as the API has it now, `oldId` an integer from an export of before 2025. */
export type EntryId = { id: string } | { oldId: string };

/** @param cell trimmed, not empty */
export function parseEntryId(cell: string): EntryId | Refusal {
  if (UUID.test(cell)) return { id: cell.toLowerCase() };
  if (/^[\d.,]+(?:e\+?\d+)?$/i.test(cell)) {
    const number = parseInteger(cell);
    return typeof number === "number" ? { oldId: String(number) } : number;
  }
  return new Refusal("an entry id (a UUID like f174e90a-fafe-4643-bbbc-4a0ed4fc8415)", cell);
}
