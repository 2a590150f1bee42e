import { createHash } from "node:crypto";
import type { Change } from "../changes/change.ts";
import { GrowingNumbers } from "../growing-numbers.ts";
import { KeyTable } from "../key-table.ts";

/** What is known of a row that is about the same entry as another row. */
export type Duplicate =
  | { kind: "repeats"; ofRow: number }
  /** Rows that ask for different things; the first few numbers, the row itself included. */
  | { kind: "conflicts"; rows: number[] };

const ROWS_NAMED = 5;

/** Rows about one entry, where there are several. */
interface Group {
  first: number;
  rows: number[];
  conflicting: boolean;
}

/** Finds rows that are about the same entry. Fill it with every row first, then ask. There may be very many: each takes about 40 bytes. */
export class DuplicateRows {
  readonly #keys = new KeyTable();
  /** Of each key, the first row and the fingerprint of its change. */
  readonly #firsts = new GrowingNumbers(Int32Array);
  readonly #fingerprints = new GrowingNumbers(Float64Array);
  /** Nearly all rows are alone. */
  readonly #groups = new Map<number, Group>();

  /** `key` names the entry. */
  add(key: string, row: number, change: Change): void {
    const next = this.#keys.size;
    const number = this.#keys.add(key);
    const fingerprint = fingerprintOf(change);
    if (number === next) {
      this.#firsts.set(number, row);
      this.#fingerprints.set(number, fingerprint);
      return;
    }
    const first = this.#firsts.at(number);
    const group = this.#groups.get(number) ?? { first, rows: [first], conflicting: false };
    this.#groups.set(number, group);
    if (group.rows.length < ROWS_NAMED) group.rows.push(row);
    if (this.#fingerprints.at(number) !== fingerprint) group.conflicting = true;
  }

  /** Null for a row that is alone, and for the first of rows that agree. */
  of(key: string, row: number): Duplicate | null {
    if (this.#groups.size === 0) return null;
    const group = this.#groups.get(this.#keys.numberOf(key) ?? -1);
    if (group === undefined) return null;
    if (group.conflicting) return { kind: "conflicts", rows: group.rows };
    return group.first === row ? null : { kind: "repeats", ofRow: group.first };
  }
}

/** 48 bits: two different changes of one entry are taken for the same once in 281 million million. */
function fingerprintOf({ set, modifiedAt }: Change): number {
  const sorted = Object.entries(set).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([sorted, modifiedAt]))
    .digest()
    .readUIntBE(0, 6);
}
