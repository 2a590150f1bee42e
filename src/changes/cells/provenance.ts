import { z } from "zod";
import { PROVENANCES } from "../../registry/entry.ts";
import { Refusal } from "./refusal.ts";

const provenanceSchema = z.string().toUpperCase().pipe(z.enum(PROVENANCES));

/** @param cell trimmed, not empty */
export function parseProvenance(cell: string): string | Refusal {
  const parsed = provenanceSchema.safeParse(cell);
  return parsed.success ? parsed.data : new Refusal(`one of ${PROVENANCES.join(", ")}`, cell);
}
