import { editDistance } from "../edit-distance.ts";
import { FIELD_BY_NAME, type Field, normalizeHeader } from "./columns.ts";

/** The field that a header nearly names (`Emial`, `Display Nmae`), or null. */
export function nearMiss(header: string): Field | null {
  const name = normalizeHeader(header);
  const allowed = name.length < 5 ? 1 : 2;
  let best: Field | null = null;
  let bestDistance = allowed + 1;
  for (const [known, field] of FIELD_BY_NAME) {
    // Two letters (`id`) are near to too much.
    if (known.length < 4) continue;
    const distance = editDistance(name, known, bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [field, distance];
  }
  return best;
}
