import type { SourceRow } from "../changes/change.ts";
import type { FieldChanges } from "../registry/entry-diff.ts";
import type { UpdatableField } from "../registry/entry.ts";
import { renderChanges } from "../report/changes-text.ts";
import type { RowResult } from "../runs/outcome.ts";
import type { DriftCause, RowDrift, RunRow } from "../runs/run.ts";
import { asSeen } from "./as-seen.ts";
import { causesOf, fieldsIn, joinCauses, type KnownEntry, same } from "./drift.ts";
import type { ObservedEntry } from "./observed-registry.ts";
import type { AcceptedDifference, OnDrift } from "./schedule.ts";

/**
 * What a schedule knows when it decides which rows are sent. `known` and `entries` are by the entry's id; `now` is in epoch
 * milliseconds.
 */
export interface SieveOptions {
  known: ReadonlyMap<string, KnownEntry>;
  entries: ReadonlyMap<string, ObservedEntry>;
  accepted: readonly AcceptedDifference[];
  onDrift: OnDrift;
  now: number;
}

/** A decided row as the schedule sends it, and why it differs. */
export interface SievedRow {
  row: RunRow;
  /** Null where nothing differs. */
  cause: DriftCause | null;
  causes: { [F in UpdatableField]?: DriftCause };
  /** Fields that differ and are left alone: an accepted difference, or drift that is only reported. */
  leftAlone: UpdatableField[];
  /** By an accepted difference. */
  accepted: AcceptedDifference | null;
}

/**
 * What a schedule does with a row that differs: fields whose difference somebody accepted, or that drifted where drift is only
 * reported, are not sent; changes that the API refused for good are not tried again; the rest goes as it is.
 */
export function sieve(row: RunRow, { known, entries, accepted, onDrift, now }: SieveOptions): SievedRow {
  const plain: SievedRow = { row, cause: null, causes: {}, leftAlone: [], accepted: null };
  if (row.changes === null || row.entryId === null || row.result !== null) return plain;
  const entry = known.get(row.entryId);
  const causes = causesOf(row.changes, entry);
  const acceptance = accepted.find(({ entryId, until }) => entryId === row.entryId && until > now) ?? null;
  const isAccepted = (field: UpdatableField): boolean => isThe(acceptance, field, row.changes!);
  const leftAlone = fieldsIn(row.changes).filter(
    (field) => isAccepted(field) || (onDrift === "report" && causes[field] !== "source_changed"),
  );
  const acceptedFields = fieldsIn(row.changes).filter(isAccepted);
  const alarming = fieldsIn(row.changes).filter((field) => !isAccepted(field));
  const sent = Object.fromEntries(Object.entries(row.changes).filter(([field]) => !leftAlone.includes(field as never)));
  const drift = driftOf(alarming, causes, entry);
  const withDrift = drift === null ? {} : { drift };
  const seen = {
    causes,
    cause: drift?.cause ?? null,
    leftAlone,
    accepted: acceptedFields.length > 0 ? acceptance : null,
  };
  const end = (outcome: RowResult["outcome"], message: string): SievedRow => ({
    ...seen,
    row: {
      ...row,
      ...withDrift,
      result: { outcome, message, httpStatus: null, apiCode: null, attempts: 0, finishedAt: now, rayId: null },
    },
  });
  if (Object.keys(sent).length === 0) return end("unchanged", whyLeftAlone(row.changes, seen.accepted));
  const toSend = { ...row, ...withDrift, changes: sent };
  toSend.asSeen = asSeen(toSend, entries.get(row.entryId));
  if (entry?.refused && entry.refused.asSeen === toSend.asSeen) {
    const message = `not tried again while row and entry are as in run ${entry.refused.run}: ${entry.refused.message}`;
    return { ...end("rejected_by_api", message), cause: null };
  }
  return { ...seen, row: toSend };
}

function driftOf(
  fields: readonly UpdatableField[],
  causes: SievedRow["causes"],
  entry: KnownEntry | undefined,
): RowDrift | null {
  if (fields.length === 0) return null;
  const drifted = fields.filter((field) => causes[field] !== "source_changed");
  return {
    cause: joinCauses(fields.map((field) => causes[field]!)),
    applied: Object.fromEntries(drifted.map((field) => [field, entry?.applied[field] ?? null])),
  };
}

/** What entry and list agree on in a row, to be known as applied; null where the row's entry is not known for certain. */
export function agreedValues(row: RunRow, checked: SourceRow): KnownEntry["applied"] | null {
  if (row.entryId === null || checked.change === null) return null;
  const isEqual = row.result?.outcome === "unchanged" && row.result.message === null;
  if (!isEqual && row.changes === null) return null;
  const agreed = Object.entries(checked.change.set).filter(([field]) => !(field in (row.changes ?? {})));
  return agreed.length === 0 ? null : Object.fromEntries(agreed);
}

function isThe(acceptance: AcceptedDifference | null, field: UpdatableField, changes: FieldChanges): boolean {
  const accepted = acceptance?.fields[field];
  return (
    accepted !== undefined && same(accepted.found, changes[field]!.from) && same(accepted.listed, changes[field]!.to)
  );
}

function whyLeftAlone(changes: FieldChanges, accepted: AcceptedDifference | null): string {
  const what = renderChanges(changes, true);
  return accepted
    ? `left as it is until ${new Date(accepted.until).toISOString().slice(0, 10)}, accepted by ${accepted.by} (${accepted.reason}): ${what}`
    : `somebody changed it in the registry, which is only reported: ${what}`;
}
