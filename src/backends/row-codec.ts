import type { Outcome, RowResult } from "../runs/outcome.ts";
import type { FieldChanges, RunRow } from "../runs/run.ts";
import type { RecordedResult } from "./backend.ts";

/**
 * How rows are kept, in Redis and in SQL alike: two JSON arrays, because a million rows repeat no key names. `given` is written
 * when the row is staged and never changes; `ended` is written once, when it has ended. Trailing nulls are left out.
 */
type Given = [
  row: number,
  cells: string[],
  entryId?: string | null,
  entryEmail?: string | null,
  entryName?: string | null,
  provenance?: string | null,
  changes?: FieldChanges | null,
  guard?: string | null,
];
type Ended = [
  outcome: Outcome,
  finishedAt: number,
  attempts: number,
  message?: string | null,
  httpStatus?: number | null,
  apiCode?: number | null,
  rayId?: string | null,
  /** Of the answer's entry, where it replaces the row's. */
  provenance?: string | null,
];

export function encodeGiven(row: RunRow): string {
  const given: Given = [
    row.row,
    row.cells,
    row.entryId,
    row.entryEmail,
    row.entryName,
    row.provenance,
    row.changes,
    row.guard,
  ];
  return JSON.stringify(withoutTrailingNulls(given));
}

export function encodeEnded({ result, provenance }: Omit<RecordedResult, "n">): string {
  const ended: Ended = [
    result.outcome,
    result.finishedAt,
    result.attempts,
    result.message,
    result.httpStatus,
    result.apiCode,
    result.rayId,
    provenance ?? null,
  ];
  return JSON.stringify(withoutTrailingNulls(ended));
}

export function decodeRow(n: number, given: string, ended: string | null): RunRow {
  const [row, cells, entryId, entryEmail, entryName, provenance, changes, guard] = JSON.parse(given) as Given;
  const end = ended === null ? null : (JSON.parse(ended) as Ended);
  return {
    n,
    row,
    cells,
    entryId: entryId ?? null,
    entryEmail: entryEmail ?? null,
    entryName: entryName ?? null,
    provenance: end?.[7] ?? provenance ?? null,
    changes: changes ?? null,
    guard: guard ?? null,
    result: end === null ? null : decodeResult(end),
  };
}

function decodeResult([outcome, finishedAt, attempts, message, httpStatus, apiCode, rayId]: Ended): RowResult {
  return {
    outcome,
    message: message ?? null,
    httpStatus: httpStatus ?? null,
    apiCode: apiCode ?? null,
    attempts,
    finishedAt,
    rayId: rayId ?? null,
  };
}

function withoutTrailingNulls(values: unknown[]): unknown[] {
  return values.slice(0, values.findLastIndex((v) => v !== null && v !== undefined) + 1);
}
