import { GrowingNumbers } from "../growing-numbers.ts";

/** Slots for each text that is kept: the fewer are taken, the shorter the search. */
const ROOM = 2;

/**
 * Which numbers belong to a text, in eight bytes for each or little more, where a Map of strings takes ten times that: only a hash of
 * each text is kept, so whoever asks must look whether a number is about the very text.
 */
export class TextIndex {
  #hashes = new GrowingNumbers(Int32Array, 1024);
  /** One more than the number; 0: free. */
  #numbers = new GrowingNumbers(Int32Array, 1024);
  #size = 0;

  add(text: string, number: number): void {
    if ((this.#size + 1) * ROOM > this.#numbers.length) this.#grow();
    this.#put(hashOf(text), number + 1);
    this.#size += 1;
  }

  /** The numbers of this text, and by chance of another, in ascending order. */
  candidates(text: string): number[] {
    const hash = hashOf(text);
    const found: number[] = [];
    const last = this.#numbers.length - 1;
    for (let slot = hash & last; this.#numbers.at(slot) !== 0; slot = (slot + 1) & last) {
      if (this.#hashes.at(slot) === hash) found.push(this.#numbers.at(slot) - 1);
    }
    return found.toSorted((a, b) => a - b);
  }

  #put(hash: number, stored: number): void {
    const last = this.#numbers.length - 1;
    let slot = hash & last;
    while (this.#numbers.at(slot) !== 0) slot = (slot + 1) & last;
    this.#hashes.set(slot, hash);
    this.#numbers.set(slot, stored);
  }

  #grow(): void {
    const hashes = this.#hashes;
    const numbers = this.#numbers;
    this.#hashes = new GrowingNumbers(Int32Array, 2 * numbers.length);
    this.#numbers = new GrowingNumbers(Int32Array, 2 * numbers.length);
    for (let slot = 0; slot < numbers.length; slot++)
      if (numbers.at(slot) !== 0) this.#put(hashes.at(slot), numbers.at(slot));
  }
}

/** FNV-1a over the UTF-16 units, its bits mixed once more (as murmur3 does), since the low ones choose the slot. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
