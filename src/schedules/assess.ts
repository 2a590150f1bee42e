import { PlanDigest } from "../plan/digest.ts";
import type { SourcePlan } from "../plan/make-plan.ts";
import { renderChanges } from "../report/changes-text.ts";
import { renderDrift } from "../report/drift-text.ts";
import type { FieldChanges } from "../registry/entry-diff.ts";
import type { DecidedRows } from "../runs/decided-rows.ts";
import type { RunRow } from "../runs/run.ts";
import type { KnownEntry } from "./drift.ts";
import type { LeftOvers } from "./left-overs.ts";
import { Unmentioned } from "./unmentioned.ts";
import type { OccasionCounts } from "./occasion.ts";
import { planRows } from "./plan-rows.ts";
import { agreedValues, sieve, type SievedRow, type SieveOptions } from "./sieve.ts";

/** Of each list, what is kept in an occasion's record. */
const LISTED = 100;
/** Rows without use that are kept. */
const MOST_UNUSABLE = 1_000;

/** A row that would be sent. */
export interface PendingUpdate {
  row: number;
  entryId: string;
  /** `ada@corp.example: name: "A" → "B"`. */
  text: string;
  changes: FieldChanges;
  drifted: boolean;
}

/** What a schedule would do with a plan. */
export interface Assessment {
  /** Of the rows as they would be sent. */
  digest: string;
  /** The rows as they would be sent. */
  rows: DecidedRows;
  /** Rows without a problem. */
  usable: number;
  /** The others, with what is wrong with them; the first thousand. */
  unusable: { row: number; text: string }[];
  updates: PendingUpdate[];
  /** Differences that are there and not accepted, also those that are left alone. */
  differences: number;
  counts: OccasionCounts;
  leftOvers: LeftOvers;
  /** Entries whose known values are to be replaced, with what they become. */
  agreed: Map<string, KnownEntry>;
}

/** Goes over a plan once. Memory grows with the rows that differ and with the registry. */
export async function assess(plan: SourcePlan, sieving: SieveOptions): Promise<Assessment> {
  const { entries } = sieving;
  const digest = new PlanDigest(plan.sha256);
  const updates: PendingUpdate[] = [];
  const agreed = new Map<string, KnownEntry>();
  const unmentioned = new Unmentioned(entries);
  const unusable: Assessment["unusable"] = [];
  let usable = 0;
  let differences = 0;
  const counts: OccasionCounts = {
    rows: plan.rows,
    registry: entries.size,
    unchanged: 0,
    rejected: 0,
    sourceChanged: 0,
    registryDrifted: 0,
    bothChanged: 0,
    leftAlone: 0,
    accepted: 0,
    notInRegistry: 0,
    notInList: 0,
    rowsNotInRegistry: [],
    entriesNotInList: [],
  };
  for await (const { decided, source } of planRows(plan)) {
    const sieved = sieve(decided, sieving);
    const { row } = sieved;
    digest.add(row);
    if (source.change !== null) usable += 1;
    else if (unusable.length < MOST_UNUSABLE)
      unusable.push({ row: row.row, text: `row ${row.row}: ${row.result?.message ?? ""}` });
    unmentioned.mention(row);
    count(counts, sieved);
    if (sieved.cause !== null) differences += 1;
    if (row.result === null && row.entryId !== null) updates.push(pendingUpdate(sieved));
    const values = agreedValues(decided, source);
    if (values !== null) learn(agreed, sieving.known, row.entryId!, values);
  }
  const notInList = unmentioned.left();
  counts.notInList = notInList.length;
  counts.entriesNotInList = notInList.slice(0, LISTED);
  return {
    digest: digest.hex(),
    rows: {
      rows: plan.rows,
      sha256: plan.sha256,
      requests: plan.requests,
      decided: () => sieveAll(plan.decided(), sieving),
    },
    usable,
    unusable,
    updates,
    differences,
    counts,
    leftOvers: { notInRegistry: () => notFound(plan.decided()), notInList },
    agreed,
  };
}

async function* notFound(rows: AsyncIterable<RunRow>): AsyncGenerator<RunRow> {
  for await (const row of rows) if (row.result?.outcome === "rejected_not_found") yield row;
}

async function* sieveAll(rows: AsyncIterable<RunRow>, options: SieveOptions): AsyncGenerator<RunRow> {
  for await (const row of rows) yield sieve(row, options).row;
}

function pendingUpdate({ row, causes }: SievedRow): PendingUpdate {
  const changes = row.changes!;
  return {
    row: row.row,
    entryId: row.entryId!,
    text: [`row ${row.row}, ${row.entryEmail ?? row.entryId}: ${renderChanges(changes, true)}`, renderDrift(row)]
      .filter((part) => part !== null)
      .join("; "),
    changes,
    drifted: Object.keys(changes).some((field) => causes[field as keyof typeof causes] !== "source_changed"),
  };
}

function count(counts: OccasionCounts, { row, cause, leftAlone, accepted }: SievedRow): void {
  if (cause === "source_changed") counts.sourceChanged += 1;
  if (cause === "registry_drifted") counts.registryDrifted += 1;
  if (cause === "both") counts.bothChanged += 1;
  if (accepted) counts.accepted += 1;
  if (leftAlone.length > 0) counts.leftAlone += 1;
  const outcome = row.result?.outcome;
  if (outcome === "unchanged" && leftAlone.length === 0) counts.unchanged += 1;
  if (outcome === "rejected_not_found") {
    counts.notInRegistry += 1;
    if (counts.rowsNotInRegistry.length < LISTED) {
      counts.rowsNotInRegistry.push({ row: row.row, text: row.result?.message ?? "" });
    }
  } else if (outcome?.startsWith("rejected_")) counts.rejected += 1;
}

/** Adds what was seen to agree to what is known, where that is new. */
function learn(
  agreed: Map<string, KnownEntry>,
  known: SieveOptions["known"],
  entryId: string,
  values: KnownEntry["applied"],
): void {
  const before = agreed.get(entryId) ?? known.get(entryId) ?? { applied: {} };
  const applied = { ...before.applied, ...values };
  if (JSON.stringify(applied) !== JSON.stringify(before.applied)) agreed.set(entryId, { ...before, applied });
}
