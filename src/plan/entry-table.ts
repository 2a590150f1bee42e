import { type Entry, type OddField, PROVENANCES, UPDATABLE_FIELDS, type UpdatableField } from "../registry/entry.ts";
import { GrowingNumbers } from "../growing-numbers.ts";
import { KeyTable } from "../key-table.ts";

/** Of every entry: what a row may find it by, what a report shows of it, and what decides whether it may be changed. */
const ALWAYS_KEPT: readonly Kept[] = ["id", "email", "name", "is_email_regex", "provenance", "modified_at"];
type Kept = UpdatableField | "id" | "modified_at";

/** Bytes that are reserved in one step. */
const CHUNK = 1024 * 1024;
/** Before each record stands its length. */
const LENGTH_BYTES = 4;

/**
 * Entries by number and by id, of which only some fields are kept, as text in buffers: about 120 bytes for each, where an object takes
 * six times that and the garbage collector goes over it again and again. An entry that is taken out shows null in the fields that are
 * not kept.
 */
export class EntryTable {
  readonly #fields: Kept[];
  readonly #ids = new KeyTable();
  readonly #chunks: Buffer[] = [];
  /** Where each record begins, counted as if all chunks were of one size. */
  readonly #starts = new GrowingNumbers(Float64Array);
  #end = CHUNK;
  /** Of entries that could not be read whole: few, if any. */
  readonly #odd = new Map<number, readonly OddField[]>();

  /** `compared`: fields that are kept besides those that always are. Default: all that can be updated. */
  constructor(compared: Iterable<UpdatableField> = UPDATABLE_FIELDS) {
    this.#fields = [...new Set([...ALWAYS_KEPT, ...compared])];
  }

  get size(): number {
    return this.#ids.size;
  }

  /** Answers its number, counted from 0; null where there is one of this id already. */
  add(entry: Entry): number | null {
    const next = this.#ids.size;
    const key = entry.id.toLowerCase();
    const number = this.#ids.add(key);
    if (number < next) return null;
    if (entry.odd) this.#odd.set(number, entry.odd);
    const values = this.#fields.map((field) =>
      field === "id" && entry.id === key ? null : shorten(field, entry[field]),
    );
    this.#starts.set(number, this.#write(JSON.stringify(values)));
    return number;
  }

  /** Whether there is an entry of this id, in any letter case. */
  has(id: string): boolean {
    return this.#ids.has(id.toLowerCase());
  }

  withId(id: string): Entry | null {
    const key = id.toLowerCase();
    const number = this.#ids.numberOf(key);
    return number === null ? null : this.#read(number, key);
  }

  at(number: number): Entry {
    return this.#read(number);
  }

  /** `key`: the id in small letters, where it is at hand. */
  #read(number: number, key = this.#ids.keyOf(number)): Entry {
    const start = this.#starts.at(number);
    const chunk = this.#chunks[Math.floor(start / CHUNK)]!;
    const from = (start % CHUNK) + LENGTH_BYTES;
    const length = chunk.readUInt32LE(from - LENGTH_BYTES);
    const values = JSON.parse(chunk.toString("utf8", from, from + length)) as unknown[];
    const entry: Entry = { ...BLANK };
    for (const [i, field] of this.#fields.entries())
      (entry as Record<Kept, unknown>)[field] = lengthen(field, values[i]);
    entry.id ??= key;
    entry.modified_at ??= undefined;
    const odd = this.#odd.get(number);
    return odd ? { ...entry, odd } : entry;
  }

  /** Entries with fields that could not be read. */
  *odd(): Generator<Entry> {
    for (const number of this.#odd.keys()) yield this.at(number);
  }

  *entries(): Generator<Entry> {
    for (let number = 0; number < this.size; number++) yield this.at(number);
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

/** A provenance that is known is kept as its place among them, and a time that is written as usual as its milliseconds. */
function shorten(field: Kept, value: unknown): unknown {
  if (typeof value !== "string") return value ?? null;
  if (field === "provenance") {
    const known = (PROVENANCES as readonly string[]).indexOf(value);
    return known < 0 ? value : known;
  }
  if (field !== "modified_at") return value;
  const ms = Date.parse(value);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === value ? ms : value;
}

function lengthen(field: Kept, value: unknown): unknown {
  if (typeof value !== "number") return value;
  if (field === "provenance") return PROVENANCES[value];
  return field === "modified_at" ? new Date(value).toISOString() : value;
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
