import { type Entry, type OddField, UPDATABLE_FIELDS, type UpdatableField } from "../registry/entry.ts";

/** Of every entry: what a row may find it by, what a report shows of it, and what decides whether it may be changed. */
const ALWAYS_KEPT: readonly Kept[] = ["id", "email", "name", "is_email_regex", "provenance", "modified_at"];
type Kept = UpdatableField | "id" | "modified_at";

/**
 * Entries, of which only some fields are kept: a column of values for each field, as an object for each entry would take
 * three times the memory. An entry that is taken out again shows null in the fields that are not kept.
 */
export class EntryTable {
  readonly #columns: (readonly [field: Kept, values: unknown[]])[];
  /** Few, if any. */
  readonly #odd = new Map<number, readonly OddField[]>();
  #size = 0;

  /** `compared`: fields that are kept besides those that always are. Default: all that can be updated. */
  constructor(compared: Iterable<UpdatableField> = UPDATABLE_FIELDS) {
    this.#columns = [...new Set([...ALWAYS_KEPT, ...compared])].map((field) => [field, []]);
  }

  get size(): number {
    return this.#size;
  }

  /** Answers where it is kept. */
  add(entry: Entry): number {
    for (const [field, values] of this.#columns) values.push(entry[field]);
    if (entry.odd) this.#odd.set(this.#size, entry.odd);
    return this.#size++;
  }

  at(index: number): Entry {
    const entry: Entry = { ...BLANK };
    for (const [field, values] of this.#columns) (entry as Record<Kept, unknown>)[field] = values[index];
    const odd = this.#odd.get(index);
    return odd ? { ...entry, odd } : entry;
  }

  /** Entries with fields that could not be read. */
  *odd(): Generator<Entry> {
    for (const index of this.#odd.keys()) yield this.at(index);
  }

  *entries(): Generator<Entry> {
    for (let index = 0; index < this.#size; index++) yield this.at(index);
  }
}

const BLANK: Entry = {
  id: "",
  name: "",
  email: "",
  is_email_regex: false,
  comments: null,
  provenance: "",
  directory_id: null,
  directory_node_id: null,
  external_directory_node_id: null,
  created_at: undefined,
  modified_at: undefined,
};
