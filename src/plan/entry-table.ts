import { type Entry, type OddField, UPDATABLE_FIELDS, type UpdatableField } from "../registry/entry.ts";

/** Of every entry: what a row may find it by, what a report shows of it, and what decides whether it may be changed. */
const ALWAYS_KEPT: readonly Kept[] = ["id", "email", "name", "is_email_regex", "provenance", "modified_at"];
type Kept = UpdatableField | "id" | "modified_at";

/** Bytes that are reserved in one step. */
const CHUNK = 1024 * 1024;
/** Before each record stands its length. */
const LENGTH_BYTES = 4;

/**
 * Entries, of which only some fields are kept, as text in buffers: about 150 bytes for each, where an object takes five times that
 * and the garbage collector goes over it again and again. An entry that is taken out shows null in the fields that are not kept.
 */
export class EntryTable {
  readonly #fields: Kept[];
  readonly #chunks: Buffer[] = [];
  /** Where each record begins, counted as if all chunks were of one size. */
  #starts = new Float64Array(1024);
  #end = CHUNK;
  #size = 0;
  /** Of entries that could not be read whole: few, if any. */
  readonly #odd = new Map<number, readonly OddField[]>();

  /** `compared`: fields that are kept besides those that always are. Default: all that can be updated. */
  constructor(compared: Iterable<UpdatableField> = UPDATABLE_FIELDS) {
    this.#fields = [...new Set([...ALWAYS_KEPT, ...compared])];
  }

  get size(): number {
    return this.#size;
  }

  /** Answers its number, counted from 0. */
  add(entry: Entry): number {
    const number = this.#size++;
    if (entry.odd) this.#odd.set(number, entry.odd);
    if (number === this.#starts.length) {
      const longer = new Float64Array(2 * number);
      longer.set(this.#starts);
      this.#starts = longer;
    }
    this.#starts[number] = this.#write(JSON.stringify(this.#fields.map((field) => entry[field] ?? null)));
    return number;
  }

  at(number: number): Entry {
    const start = this.#starts[number]!;
    const chunk = this.#chunks[Math.floor(start / CHUNK)]!;
    const from = (start % CHUNK) + LENGTH_BYTES;
    const length = chunk.readUInt32LE(from - LENGTH_BYTES);
    const values = JSON.parse(chunk.toString("utf8", from, from + length)) as unknown[];
    const entry: Entry = { ...BLANK };
    for (const [i, field] of this.#fields.entries()) (entry as Record<Kept, unknown>)[field] = values[i];
    entry.modified_at ??= undefined;
    const odd = this.#odd.get(number);
    return odd ? { ...entry, odd } : entry;
  }

  /** Entries with fields that could not be read. */
  *odd(): Generator<Entry> {
    for (const number of this.#odd.keys()) yield this.at(number);
  }

  *entries(): Generator<Entry> {
    for (let number = 0; number < this.#size; number++) yield this.at(number);
  }

  #write(text: string): number {
    const length = Buffer.byteLength(text);
    if (this.#end + LENGTH_BYTES + length > CHUNK) {
      this.#chunks.push(Buffer.allocUnsafeSlow(Math.max(CHUNK, LENGTH_BYTES + length)));
      this.#end = 0;
    }
    const chunk = this.#chunks.at(-1)!;
    const from = this.#end;
    chunk.writeUInt32LE(length, from);
    chunk.write(text, from + LENGTH_BYTES);
    this.#end = from + LENGTH_BYTES + length;
    return (this.#chunks.length - 1) * CHUNK + from;
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
