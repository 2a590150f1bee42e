import { PROVENANCES, UPDATABLE_FIELDS, type FieldValue } from "../registry/entry.ts";
import type { Outcome, RowResult } from "../runs/outcome.ts";
import { DRIFT_CAUSES, type RowDrift, type RunRow } from "../runs/run.ts";
import type { FieldChanges } from "../registry/entry-diff.ts";
import type { RecordedResult } from "../runs/row-store.ts";

/*
 * How rows are kept, in Redis and in SQL alike: two JSON arrays. `given` is written when the row is staged and never changes;
 * `ended` is written once, when the row has ended. They are made small, because Redis keeps a run's rows in memory: no key
 * names, no trailing nulls, and a text that is one of the row's cells is said as `[its index]`, which no value looks like.
 */

type Given = [
  row: number,
  cells: string[],
  entryId?: Text,
  entryEmail?: Text,
  entryName?: Text,
  provenance?: Provenance,
  changes?: [field: number, from: Value, to: Value][] | null,
  guard?: Text,
  warnings?: [code: string, message: string][] | null,
  /** The cause by its place in DRIFT_CAUSES, the fields as in `changes`. */
  drift?: [cause: number, applied: [field: number, value: Value][]] | null,
  asSeen?: string | null,
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
  provenance?: Provenance,
  auditLogId?: string | null,
  /** `modifiedAt`, counted from `finishedAt`, which takes fewer digits. */
  modifiedAfterMs?: number | null,
];
type CellIndex = [number];
type Text = string | null | CellIndex;
type Value = FieldValue | CellIndex;
/** A known one by its place in PROVENANCES. */
type Provenance = number | string | null;

/** What the file said and the plan decided, as a short text in one line; `decodeRow` reads it. */
export function encodeGiven(row: RunRow): string {
  const { cells, changes } = row;
  const short = <V>(value: V): V | CellIndex => {
    const index = typeof value === "string" ? cells.indexOf(value) : -1;
    return index < 0 ? value : [index];
  };
  const given: Given = [
    row.row,
    cells,
    short(row.entryId),
    short(row.entryEmail),
    short(row.entryName),
    encodeProvenance(row.provenance),
    changes === null ? null : encodeChanges(changes, short),
    short(row.guard),
    row.warnings?.map(({ code, message }) => [code, message]),
    row.drift && encodeDrift(row.drift, short),
    row.asSeen,
  ];
  return JSON.stringify(withoutTrailingNulls(given));
}

/** How a row ended, as a short text in one line; `decodeRow` reads it. */
export function encodeEnded({ result, provenance }: Omit<RecordedResult, "n">): string {
  const ended: Ended = [
    result.outcome,
    result.finishedAt,
    result.attempts,
    result.message,
    result.httpStatus,
    result.apiCode,
    result.rayId,
    encodeProvenance(provenance ?? null),
    result.auditLogId,
    result.modifiedAt === undefined ? null : result.modifiedAt - result.finishedAt,
  ];
  return JSON.stringify(withoutTrailingNulls(ended));
}

/** `ended`: null where the row has no outcome. */
export function decodeRow(n: number, given: string, ended: string | null): RunRow {
  const [row, cells, entryId, entryEmail, entryName, provenance, changes, guard, warnings, drift, asSeen] = JSON.parse(
    given,
  ) as Given;
  const end = ended === null ? null : (JSON.parse(ended) as Ended);
  const long = <V>(value: V | CellIndex | undefined): V | null => {
    if (Array.isArray(value)) return (cells[value[0]] ?? null) as V | null;
    return value ?? null;
  };
  return {
    n,
    row,
    cells,
    entryId: long<string | null>(entryId),
    entryEmail: long<string | null>(entryEmail),
    entryName: long<string | null>(entryName),
    provenance: decodeProvenance(end?.[7]) ?? decodeProvenance(provenance),
    changes: changes ? decodeChanges(changes, long) : null,
    guard: long<string | null>(guard),
    ...(warnings && { warnings: warnings.map(([code, message]) => ({ code, message })) }),
    ...(drift && { drift: decodeDrift(drift, long) }),
    ...(asSeen && { asSeen }),
    result: end === null ? null : decodeResult(end),
  };
}

function encodeChanges(changes: FieldChanges, short: (value: FieldValue) => Value): [number, Value, Value][] {
  return UPDATABLE_FIELDS.flatMap((field, i) => {
    const change = changes[field];
    return change === undefined ? [] : [[i, short(change.from), short(change.to)]];
  });
}

function decodeChanges(changes: [number, Value, Value][], long: (value: Value) => FieldValue): FieldChanges {
  return Object.fromEntries(
    changes.map(([field, from, to]) => [UPDATABLE_FIELDS[field], { from: long(from), to: long(to) }]),
  );
}

type Drift = NonNullable<Given[9]>;

function encodeDrift({ cause, applied }: RowDrift, short: (value: FieldValue) => Value): Drift {
  return [
    DRIFT_CAUSES.indexOf(cause),
    UPDATABLE_FIELDS.flatMap((field, i) => (applied[field] === undefined ? [] : [[i, short(applied[field])]])),
  ];
}

function decodeDrift([cause, applied]: Drift, long: (value: Value) => FieldValue): RowDrift {
  return {
    cause: DRIFT_CAUSES[cause]!,
    applied: Object.fromEntries(applied.map(([field, value]) => [UPDATABLE_FIELDS[field], long(value)])),
  };
}

function encodeProvenance(provenance: string | null): Provenance {
  const known = (PROVENANCES as readonly (string | null)[]).indexOf(provenance);
  return known < 0 ? provenance : known;
}

function decodeProvenance(provenance: Provenance | undefined): string | null {
  return typeof provenance === "number" ? (PROVENANCES[provenance] ?? null) : (provenance ?? null);
}

function decodeResult([
  outcome,
  finishedAt,
  attempts,
  message,
  httpStatus,
  apiCode,
  rayId,
  ,
  auditLogId,
  modifiedAfterMs,
]: Ended): RowResult {
  return {
    outcome,
    message: message ?? null,
    httpStatus: httpStatus ?? null,
    apiCode: apiCode ?? null,
    attempts,
    finishedAt,
    rayId: rayId ?? null,
    ...(auditLogId && { auditLogId }),
    ...(typeof modifiedAfterMs === "number" && { modifiedAt: finishedAt + modifiedAfterMs }),
  };
}

function withoutTrailingNulls(values: readonly unknown[]): unknown[] {
  return values.slice(0, values.findLastIndex((v) => v !== null && v !== undefined) + 1);
}
