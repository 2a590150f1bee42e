import { createHash } from "node:crypto";
import type { Change } from "../changes/change.ts";

/** What is known of a row that is about the same entry as another row. */
export type Duplicate =
  | { kind: "repeats"; ofRow: number }
  /** Rows that ask for different things; the first few numbers, the row itself included. */
  | { kind: "conflicts"; rows: number[] };

const ROWS_NAMED = 5;

interface Group {
  first: number;
  fingerprint: string;
  rows: number[];
  conflicting: boolean;
}

/** Finds rows that are about the same entry. Fill it with every row first, then ask. */
export class DuplicateRows {
  readonly #groups = new Map<string, Group>();

  /** `key` names the entry. */
  add(key: string, row: number, change: Change): void {
    const fingerprint = fingerprintOf(change);
    const group = this.#groups.get(key);
    if (!group) {
      this.#groups.set(key, { first: row, fingerprint, rows: [row], conflicting: false });
      return;
    }
    if (group.rows.length < ROWS_NAMED) group.rows.push(row);
    if (group.fingerprint !== fingerprint) group.conflicting = true;
  }

  /** Null for a row that is alone, and for the first of rows that agree. */
  of(key: string, row: number): Duplicate | null {
    const group = this.#groups.get(key);
    if (!group) return null;
    if (group.conflicting) return { kind: "conflicts", rows: group.rows };
    return group.first === row ? null : { kind: "repeats", ofRow: group.first };
  }
}

function fingerprintOf({ set, modifiedAt }: Change): string {
  const sorted = Object.entries(set).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([sorted, modifiedAt]))
    .digest("base64")
    .slice(0, 16);
}
