import type { RunRow } from "../runs/run.ts";
import { type ObservedEntry, type ShownEntry, shownEntry } from "./observed-registry.ts";

/** The entries that no row of a list is about. */
export class Unmentioned {
  readonly #entries: ReadonlyMap<string, ObservedEntry>;
  readonly #left: Map<string, ObservedEntry>;
  #idsByEmail: ReadonlyMap<string, string[]> | null = null;

  constructor(entries: ReadonlyMap<string, ObservedEntry>) {
    this.#entries = entries;
    this.#left = new Map(entries);
  }

  /** A row that can't be used, or fits several entries, mentions those whose id or address is one of its cells. */
  mention({ entryId, cells, result }: Pick<RunRow, "entryId" | "cells" | "result">): void {
    if (entryId !== null) this.#left.delete(entryId);
    else if (result?.outcome !== "rejected_not_found") {
      this.#idsByEmail ??= idsByEmail(this.#entries);
      for (const cell of cells) {
        const key = cell.trim().toLowerCase();
        this.#left.delete(key);
        for (const id of this.#idsByEmail.get(key) ?? []) this.#left.delete(id);
      }
    }
  }

  left(): ShownEntry[] {
    return [...this.#left.values()].map(shownEntry);
  }
}

/** By address in small letters. */
function idsByEmail(entries: ReadonlyMap<string, ObservedEntry>): ReadonlyMap<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { id, email } of entries.values()) {
    const key = email.toLowerCase();
    ids.set(key, [...(ids.get(key) ?? []), id]);
  }
  return ids;
}
