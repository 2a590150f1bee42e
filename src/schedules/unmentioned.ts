import type { Entry } from "../registry/entry.ts";
import type { RunRow } from "../runs/run.ts";
import type { ObservedRegistry } from "./observed-registry.ts";

type Entries = ObservedRegistry["entries"];

/** The entries that no row of a list is about. */
export class Unmentioned {
  readonly #left: Entries;
  /** Ids by address, in small letters: for rows that were not held against the registry, since something is wrong with them. */
  readonly #byEmail = new Map<string, string[]>();

  constructor(entries: Entries) {
    this.#left = new Map(entries);
    for (const { id, email } of entries.values()) {
      const key = email.toLowerCase();
      this.#byEmail.set(key, [...(this.#byEmail.get(key) ?? []), id]);
    }
  }

  /** A row that can't be used, or fits several entries, mentions those whose id or address is one of its cells. */
  mention({ entryId, cells, result }: Pick<RunRow, "entryId" | "cells" | "result">): void {
    if (entryId !== null) this.#left.delete(entryId);
    else if (result?.outcome !== "rejected_not_found") {
      for (const cell of cells) {
        const key = cell.trim().toLowerCase();
        this.#left.delete(key);
        for (const id of this.#byEmail.get(key) ?? []) this.#left.delete(id);
      }
    }
  }

  left(): Pick<Entry, "id" | "email" | "name">[] {
    return [...this.#left.values()];
  }
}
