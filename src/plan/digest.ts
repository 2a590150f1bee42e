import { createHash } from "node:crypto";
import { UPDATABLE_FIELDS } from "../registry/entry.ts";
import type { RunRow } from "../runs/run.ts";

/** Characters that are gathered for one step of the hash. */
const PIECE = 64 * 1024;

/**
 * The sha256 of a plan, by which it is approved and recognised: of its source's bytes, whatever the source's name, and of each
 * row in turn: its cells, how it is decided, the entry that was found for it, and the old and new values of the fields that differ.
 * What a plan does not depend on (the time, messages, warnings, an entry's other fields) is left out. Memory stays the same
 * whatever the number of rows.
 */
export class PlanDigest {
  readonly #hash = createHash("sha256");
  #pending: string;

  /** `sourceSha256`: of the source's bytes, hexadecimal. */
  constructor(sourceSha256: string) {
    this.#pending = `bulkpatch plan 1\n${sourceSha256.toLowerCase()}\n`;
  }

  /** The rows come in the source's order. */
  add(row: DigestedRow): void {
    this.#pending += `${canonical(row)}\n`;
    if (this.#pending.length < PIECE) return;
    this.#hash.update(this.#pending);
    this.#pending = "";
  }

  /** Hexadecimal, once all rows are added; may be asked once. */
  hex(): string {
    return this.#hash.update(this.#pending).digest("hex");
  }
}

/** What the digest depends on of a decided row. */
export type DigestedRow = Pick<RunRow, "row" | "cells" | "entryId" | "changes"> & {
  result: Pick<NonNullable<RunRow["result"]>, "outcome"> | null;
};

function canonical({ row, cells, entryId, changes, result }: DigestedRow): string {
  const differing = UPDATABLE_FIELDS.flatMap((field) => {
    const change = changes?.[field];
    return change === undefined ? [] : [[field, change.from, change.to]];
  });
  return JSON.stringify([row, result?.outcome ?? "update", entryId?.toLowerCase() ?? null, differing, cells]);
}
