import type { Target } from "../changes/change.ts";
import type { Entry } from "../registry/entry.ts";

/** What a row's target turned out to be. */
export type Found =
  | { kind: "one"; entry: Entry }
  | { kind: "none" }
  | { kind: "several"; entries: Entry[] }
  /** Named by id, and not looked up: the row is sent as it is. */
  | { kind: "unseen"; id: string };

/** The registry as it was when the plan was made; entries are found by id or by address (in any letter case). */
export class RegistryView {
  readonly #byId = new Map<string, Entry>();
  readonly #byEmail = new Map<string, Entry[]>();
  /** Holds every entry that exists, or every one that was asked for. */
  readonly complete: boolean;
  /** Every entry of the registry was listed. */
  isWhole = false;
  /** Entries in the registry, where the listing said so. */
  registrySize: number | null = null;

  /** `complete`: an id that is not here does not exist. Otherwise ids that are not here were not looked up. */
  constructor(complete: boolean) {
    this.complete = complete;
  }

  add(entry: Entry): void {
    this.#byId.set(entry.id.toLowerCase(), entry);
    const email = entry.email.toLowerCase();
    const same = this.#byEmail.get(email);
    if (same) same.push(entry);
    else this.#byEmail.set(email, [entry]);
  }

  entries(): Iterable<Entry> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  find(target: Target): Found {
    switch (target.by) {
      case "id": {
        const entry = this.#byId.get(target.id.toLowerCase());
        if (entry) return { kind: "one", entry };
        return this.complete ? { kind: "none" } : { kind: "unseen", id: target.id };
      }
      case "email":
        return among(this.#byEmail.get(target.email.toLowerCase()) ?? []);
      case "old-id":
        return this.#findByOldId(target);
    }
  }

  /** An integer id is not kept anywhere any more: the address finds the entry, and the name chooses among several. */
  #findByOldId({ email, name }: Extract<Target, { by: "old-id" }>): Found {
    const sameEmail = email === null ? [] : (this.#byEmail.get(email.toLowerCase()) ?? []);
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
