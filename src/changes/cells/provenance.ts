import { PROVENANCES } from "../../registry/entry.ts";
import { Refusal } from "./refusal.ts";

/** @param cell trimmed, not empty */
export function parseProvenance(cell: string): string | Refusal {
  const wanted = cell.toUpperCase();
  return PROVENANCES.find((one) => one === wanted) ?? new Refusal(`one of ${PROVENANCES.join(", ")}`, cell);
}
