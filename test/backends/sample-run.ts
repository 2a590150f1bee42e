import { randomUUID } from "node:crypto";
import type { RecordedResult } from "../../src/runs/row-store.ts";
import type { Outcome } from "../../src/runs/outcome.ts";
import { DEFAULT_RUN_OPTIONS, type NewRun, type RunEvent, type RunRow } from "../../src/runs/run.ts";

/** A run that nobody else has. */
export function sampleRun(overrides: Partial<NewRun> = {}): NewRun {
  return {
    id: `test-${randomUUID()}`,
    name: "people.csv",
    state: "planning",
    reason: null,
    source: {
      name: "people.csv",
      path: "/home/ada/people.csv",
      sha256: "abc",
      rows: 3,
      header: ["id", "Display name"],
      read: { where: { Department: "Finance" } },
    },
    options: { ...DEFAULT_RUN_OPTIONS, attempts: 8 },
    accountId: "account",
    retryOf: null,
    reportDir: null,
    createdAt: 1_795_000_000_000,
    ...overrides,
  };
}

export function event(what: string, at = 1_795_000_000_000): RunEvent {
  return { at, what, by: "ada@laptop", detail: null };
}

/** An ordinary row that updates an entry. */
export function sampleRow(n: number, overrides: Partial<RunRow> = {}): RunRow {
  const id = `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
  return {
    n,
    row: n + 2,
    cells: [id, `person.${n}@corp.example`, `Person Number ${n}`, `Moved to floor ${n % 40}`],
    entryId: id,
    entryEmail: `person.${n}@corp.example`,
    entryName: `Old Name ${n}`,
    provenance: "A1S_INTERNAL",
    changes: { name: { from: `Old Name ${n}`, to: `Person Number ${n}` }, comments: { from: null, to: "Hi" } },
    guard: null,
    result: null,
    ...overrides,
  };
}

export function sampleRows(count: number): RunRow[] {
  return Array.from({ length: count }, (_, n) => sampleRow(n));
}

export function ended(
  n: number,
  outcome: Outcome = "updated",
  overrides: Partial<RecordedResult["result"]> = {},
): RecordedResult {
  return {
    n,
    result: {
      outcome,
      message: null,
      httpStatus: 200,
      apiCode: null,
      attempts: 1,
      finishedAt: 1_795_000_000_123,
      rayId: "8f1a2b3c4d5e6f70-AMS",
      ...overrides,
    },
  };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(items);
}
