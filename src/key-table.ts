import { GrowingNumbers } from "./growing-numbers.ts";

/** Slots for each key that is kept: the fewer are taken, the shorter the search. */
const ROOM = 2;
/** Of 32 bits, in which a UUID is kept. */
const WORDS = 4;

/**
 * Numbers different keys in the order in which they come, from 0. A UUID (in small letters, as ids are written) takes 24 to 32 bytes,
 * outside of what the garbage collector goes over, where a Map of strings takes five times that; any other key is kept as it is.
 */
export class KeyTable {
  readonly #words = new GrowingNumbers(Int32Array);
  /** One more than the number of a UUID; 0: free. */
  #slots = new GrowingNumbers(Int32Array, 1024 * ROOM);
  #size = 0;
  readonly #others = new Map<string, number>();
  readonly #otherKeys = new Map<number, string>();

  get size(): number {
    return this.#size;
  }

  /** The key's number: the next one where it is new. */
  add(key: string): number {
    const known = this.numberOf(key);
    if (known !== null) return known;
    const number = this.#size++;
    if (this.#size * ROOM > this.#slots.length) this.#grow();
    const isUuid = readUuid(key);
    for (let i = 0; i < WORDS; i++) this.#words.set(number * WORDS + i, isUuid ? uuid[i]! : 0);
    if (isUuid) this.#slots.set(this.#slotOf(uuid), number + 1);
    else {
      this.#others.set(key, number);
      this.#otherKeys.set(number, key);
    }
    return number;
  }

  has(key: string): boolean {
    return this.numberOf(key) !== null;
  }

  /** Null for a key that was not added. */
  numberOf(key: string): number | null {
    if (!readUuid(key)) return this.#others.get(key) ?? null;
    const stored = this.#slots.at(this.#slotOf(uuid));
    return stored === 0 ? null : stored - 1;
  }

  keyOf(number: number): string {
    return this.#otherKeys.get(number) ?? renderUuid(this.#wordsOf(number));
  }

  #wordsOf(number: number): Int32Array {
    return Int32Array.from({ length: WORDS }, (_, i) => this.#words.at(number * WORDS + i));
  }

  /** Where the UUID is, or the free slot where it belongs. */
  #slotOf(words: Int32Array): number {
    const last = this.#slots.length - 1;
    let slot = hashOf(words) & last;
    for (let stored = this.#slots.at(slot); stored !== 0; stored = this.#slots.at(slot)) {
      if (this.#isAt((stored - 1) * WORDS, words)) break;
      slot = (slot + 1) & last;
    }
    return slot;
  }

  #isAt(start: number, words: Int32Array): boolean {
    for (let i = 0; i < WORDS; i++) if (this.#words.at(start + i) !== words[i]) return false;
    return true;
  }

  #grow(): void {
    this.#slots = new GrowingNumbers(Int32Array, 2 * this.#slots.length);
    for (let number = 0; number < this.#size - 1; number++) {
      if (!this.#otherKeys.has(number)) this.#slots.set(this.#slotOf(this.#wordsOf(number)), number + 1);
    }
  }
}

/** The last UUID that was read. */
const uuid = new Int32Array(WORDS);

/** Whether the text is a UUID in small letters, which is then in `uuid`. */
function readUuid(text: string): boolean {
  if (text.length !== 36) return false;
  let digits = 0;
  let word = 0;
  for (let i = 0; i < 36; i++) {
    const code = text.charCodeAt(i);
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (code !== 0x2d) return false;
      continue;
    }
    const digit = code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
    if (digit < 0) return false;
    word = (word << 4) | digit;
    if (++digits % 8 === 0) uuid[digits / 8 - 1] = word;
  }
  return true;
}

/** The digits of each byte. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function renderUuid([a, b, c, d]: Int32Array): string {
  return `${high(a!)}${low(a!)}-${high(b!)}-${low(b!)}-${high(c!)}-${low(c!)}${high(d!)}${low(d!)}`;
}

function high(word: number): string {
  return HEX[word >>> 24]! + HEX[(word >>> 16) & 0xff]!;
}

function low(word: number): string {
  return HEX[(word >>> 8) & 0xff]! + HEX[word & 0xff]!;
}

/** All bits count, and the low ones, which choose the slot, depend on all (as in murmur3). */
function hashOf(words: Int32Array): number {
  let hash = 0;
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
