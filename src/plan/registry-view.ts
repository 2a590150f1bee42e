import type { Target } from "../changes/change.ts";
import type { Entry, UpdatableField } from "../registry/entry.ts";
import { EntryTable } from "./entry-table.ts";
import { TextIndex } from "./text-index.ts";

/** What a row's target turned out to be. */
export type Found =
  | { kind: "one"; entry: Entry }
  | { kind: "none" }
  | { kind: "several"; entries: Entry[] }
  /** Named by id, and not looked up: the row is sent as it is. */
  | { kind: "unseen"; id: string };

/**
 * The registry as it was when the plan was made; entries are found by id or by address (in any letter case).
 * Of each entry only what the rows need is kept (entry-table.ts): about 120 bytes, outside of what the garbage collector goes over.
 */
export class RegistryView {
  readonly #table: EntryTable;
  /** Made when an address is first looked for. */
  #emails: TextIndex | null = null;
  /** Holds every entry that exists, or every one that was asked for. */
  readonly complete: boolean;
  /** Every entry of the registry was listed. */
  isWhole = false;
  /** Entries in the registry, where the listing said so or was read to its end. */
  registrySize: number | null = null;
  /** Entries that the listing lacked, and that were found all the same. */
  unlisted = 0;

  /**
   * `complete`: an id that is not here does not exist. Otherwise ids that are not here were not looked up.
   * `compared`: the fields that rows give a value; all of them where it is left out.
   */
  constructor(complete: boolean, compared?: Iterable<UpdatableField>) {
    this.complete = complete;
    this.#table = new EntryTable(compared);
  }

  add(entry: Entry): void {
    const number = this.#table.add(entry);
    if (number !== null) this.#emails?.add(entry.email.toLowerCase(), number);
  }

  entries(): Iterable<Entry> {
    return this.#table.entries();
  }

  /** Entries with fields that could not be read. */
  odd(): Iterable<Entry> {
    return this.#table.odd();
  }

  get size(): number {
    return this.#table.size;
  }

  has(id: string): boolean {
    return this.#table.has(id);
  }

  find(target: Target): Found {
    switch (target.by) {
      case "id": {
        const entry = this.#table.withId(target.id);
        if (entry) return { kind: "one", entry };
        return this.complete ? { kind: "none" } : { kind: "unseen", id: target.id };
      }
      case "email":
        return among(this.#withEmail(target.email));
      case "old-id":
        return this.#findByOldId(target);
    }
  }

  #withEmail(email: string): Entry[] {
    const key = email.toLowerCase();
    this.#emails ??= this.#indexEmails();
    const entries = this.#emails.candidates(key).map((number) => this.#table.at(number));
    return entries.filter((entry) => entry.email.toLowerCase() === key);
  }

  #indexEmails(): TextIndex {
    const index = new TextIndex();
    let number = 0;
    for (const { email } of this.#table.entries()) index.add(email.toLowerCase(), number++);
    return index;
  }

  /** An integer id is not kept anywhere any more: the address finds the entry, and the name chooses among several. */
  #findByOldId({ email, name }: Extract<Target, { by: "old-id" }>): Found {
    const sameEmail = email === null ? [] : this.#withEmail(email);
    if (sameEmail.length < 2 || name === null) return among(sameEmail);
    const sameName = sameEmail.filter((entry) => entry.name.toLowerCase() === name.toLowerCase());
    return among(sameName.length === 1 ? sameName : sameEmail);
  }
}

function among(entries: Entry[]): Found {
  const [first] = entries;
  if (!first) return { kind: "none" };
  return entries.length === 1 ? { kind: "one", entry: first } : { kind: "several", entries };
}
