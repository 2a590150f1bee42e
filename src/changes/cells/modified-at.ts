import { z } from "zod";
import { Refusal } from "./refusal.ts";

const timeSchema = z.iso.datetime({ offset: true });

/** A moment, kept as written. @param cell trimmed, not empty */
export function parseModifiedAt(cell: string): string | Refusal {
  return timeSchema.safeParse(cell).success
    ? cell
    : new Refusal("a date and time with its zone (ISO 8601, like 2026-01-31T09:30:00Z)", cell);
}
