import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import type { RunRow } from "../../src/runs/run.ts";
import type { DecidedRows } from "../../src/runs/decided-rows.ts";

/** A plan that gives each of these entries a new comment, a row an entry. */
export function commentRows(entries: readonly Pick<DemoEntry, "id" | "email" | "name">[], sha256 = "5ha"): DecidedRows {
  async function* decided(): AsyncGenerator<RunRow> {
    for (const [n, entry] of entries.entries()) {
      yield {
        n,
        row: n + 2,
        cells: [entry.id, commentOf(n)],
        entryId: entry.id,
        entryEmail: entry.email,
        entryName: entry.name,
        provenance: "A1S_INTERNAL",
        changes: { comments: { from: null, to: commentOf(n) } },
        guard: null,
        result: null,
      };
    }
  }
  return { rows: entries.length, sha256, requests: 0, decided };
}

export function commentOf(n: number): string {
  return `Changed by row ${n + 2}`;
}

/** The same as a spreadsheet. */
export function commentSheet(entries: readonly Pick<DemoEntry, "id">[]): string {
  return `id,comments\n${entries.map(({ id }, n) => `${id},${commentOf(n)}\n`).join("")}`;
}
