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

/**
 * Letters to insert, delete, replace or swap with their neighbour to get from `a` to `b`; at least `limit` when it is not less.
 * Source: optimal string alignment distance.
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, beforeLast[j - 2]! + 1);
      row.push(least);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
