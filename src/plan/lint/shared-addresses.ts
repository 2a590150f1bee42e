/** From so many names on, one address on them is a mistake rather than one person's spellings. */
export const MANY_NAMES = 3;

/** The names that stand beside each address which the rows of a plan give out. Keeps no more than it takes to tell that there are many. */
export class SharedAddresses {
  readonly #names = new Map<string, string[]>();

  add(address: string, name: string): void {
    const key = address.toLowerCase();
    const names = this.#names.get(key);
    if (!names) this.#names.set(key, [name.toLowerCase()]);
    else if (names.length < MANY_NAMES && !names.includes(name.toLowerCase())) names.push(name.toLowerCase());
  }

  /** Different names beside the address, in the rows and in `others`; `MANY_NAMES` stands for that and more. */
  namesOf(address: string, others: readonly string[]): number {
    const names = new Set(this.#names.get(address.toLowerCase()));
    for (const name of others) names.add(name.toLowerCase());
    return Math.min(names.size, MANY_NAMES);
  }
}
