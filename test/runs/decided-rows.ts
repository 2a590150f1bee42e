import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import { DEFAULT_RUN_OPTIONS, type RunRow } from "../../src/runs/run.ts";
import type { DecidedRows } from "../../src/runs/decided-rows.ts";
import type { NewRunOptions } from "../../src/runs/start-run.ts";

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

/** What the run of such a plan records besides its rows. */
export function commentRun(accountId: string, overrides: Partial<NewRunOptions> = {}): NewRunOptions {
  return {
    source: { name: "changes.csv", path: null, header: ["id", "comments"], read: {} },
    options: DEFAULT_RUN_OPTIONS,
    accountId,
    retryOf: null,
    reportDir: () => null,
    ...overrides,
  };
}

export function commentOf(n: number): string {
  return `Changed by row ${n + 2}`;
}

/** The same as a spreadsheet. */
export function commentSheet(entries: readonly Pick<DemoEntry, "id">[]): string {
  return `id,comments\n${entries.map(({ id }, n) => `${id},${commentOf(n)}\n`).join("")}`;
}
