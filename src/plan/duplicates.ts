import { createHash } from "node:crypto";
import type { Change } from "../changes/change.ts";

/** What is known of a row that is about the same entry as another row. */
export type Duplicate =
  | { kind: "repeats"; ofRow: number }
  /** Rows that ask for different things; the first few numbers, the row itself included. */
  | { kind: "conflicts"; rows: number[] };

const ROWS_NAMED = 5;

/** Rows about one entry, where there are several. */
interface Group {
  first: number;
  fingerprint: number;
  rows: number[];
  conflicting: boolean;
}

/** Nearly all rows are alone, and there may be very many: an array of two numbers takes the least memory. */
type Alone = readonly [row: number, fingerprint: number];

/** Finds rows that are about the same entry. Fill it with every row first, then ask. */
export class DuplicateRows {
  readonly #groups = new Map<string, Alone | Group>();

  /** `key` names the entry. */
  add(key: string, row: number, change: Change): void {
    const fingerprint = fingerprintOf(change);
    const known = this.#groups.get(key);
    if (!known) {
      this.#groups.set(key, [row, fingerprint]);
      return;
    }
    const group = isAlone(known)
      ? { first: known[0], fingerprint: known[1], rows: [known[0]], conflicting: false }
      : known;
    this.#groups.set(key, group);
    if (group.rows.length < ROWS_NAMED) group.rows.push(row);
    if (group.fingerprint !== fingerprint) group.conflicting = true;
  }

  /** Null for a row that is alone, and for the first of rows that agree. */
  of(key: string, row: number): Duplicate | null {
    const group = this.#groups.get(key);
    if (!group || isAlone(group)) return null;
    if (group.conflicting) return { kind: "conflicts", rows: group.rows };
    return group.first === row ? null : { kind: "repeats", ofRow: group.first };
  }
}

function isAlone(known: Alone | Group): known is Alone {
  return Array.isArray(known);
}

/** 48 bits: two different changes of one entry are taken for the same once in 281 million million. */
function fingerprintOf({ set, modifiedAt }: Change): number {
  const sorted = Object.entries(set).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([sorted, modifiedAt]))
    .digest()
    .readUIntBE(0, 6);
}
