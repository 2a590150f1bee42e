import { isDirectorySynced, type Entry, type UpdatableField } from "../registry/entry.ts";
import { explainSynced } from "../registry/directory.ts";
import { diff, type FieldChanges, fieldsOf, firstDifference, showField, updateOf } from "../registry/entry-diff.ts";
import type { RegistryClient } from "../registry/client.ts";
import { noOutcomes, type Outcome } from "../runs/outcome.ts";
import type { RunRow } from "../runs/run.ts";
import { lookUp, Wanted } from "./look-up.ts";
import type { PlanSummary } from "./make-plan.ts";
import type { RegistryView } from "./registry-view.ts";

export interface CompareAgainOptions {
  /** The rows in their order; called several times. Those with `changes` and without a result are compared, all others passed over. */
  rows: () => AsyncIterable<RunRow>;
  registry: Pick<RegistryClient, "list" | "get">;
  /** Whether the rows' old values were read from the registry. False after a run without a plan: then nothing counts as changed since. */
  planned: boolean;
  /**
   * How a row ends whose entry shows all its new values: `updated` within a run, which may have sent them itself and not
   * heard the answer; `unchanged` in a new run.
   */
  alreadyShown: Extract<Outcome, "updated" | "unchanged">;
  /** Epoch milliseconds, for the rows that end here. */
  now: number;
  signal?: AbortSignal;
}

/** Rows that wait to be sent, held against the registry as it is now. */
export interface ComparedAgain {
  /**
   * The compared rows in their order, each as it is now; may be called again. With a `result`, the row is not to be sent:
   * - `rejected_conflict`: a field of the row shows neither the value that the plan found nor the one that is asked for.
   *   The message names each such field with the value in the plan and the one found. Other fields of the entry don't matter;
   * - `rejected_directory_synced`, `rejected_not_found`: the entry has become so;
   * - `alreadyShown`: nothing is left to do.
   * Without one it is to be sent: `changes` has the fields that still differ, each with the value found now as `from`.
   * `entryEmail`, `entryName` and `provenance` are the entry's present ones.
   */
  decided(): AsyncIterable<RunRow>;
  summary: PlanSummary;
  registrySize: number | null;
}

/**
 * Compares rows with the registry once more, so that nobody's newer change is overwritten unseen. Costs the pages of the listing
 * (or single look-ups, where those are fewer), never a request a row. Memory grows with the registry, as a plan's does, not with
 * the rows. What is sent while it lists is compared as it was on its page. Throws the registry's errors.
 */
export async function compareAgain(options: CompareAgainOptions): Promise<ComparedAgain> {
  const { registry, signal } = options;
  const wanted = new Wanted();
  for await (const row of outstanding(options.rows())) wanted.addEntry(row.entryId!, row.changes!);
  async function* ids(): AsyncGenerator<string> {
    for await (const row of outstanding(options.rows())) yield row.entryId!;
  }
  const view = await lookUp(registry, wanted, { noPlan: false, needSize: false, ids, signal });
  async function* decided(): AsyncGenerator<RunRow> {
    for await (const row of outstanding(options.rows())) yield compareRow(row, view, options);
  }
  const summary: PlanSummary = { update: 0, outcomes: noOutcomes() };
  for await (const { result } of decided()) {
    if (result) summary.outcomes[result.outcome] += 1;
    else summary.update += 1;
  }
  return { decided, summary, registrySize: view.registrySize };
}

async function* outstanding(rows: AsyncIterable<RunRow>): AsyncGenerator<RunRow> {
  for await (const row of rows) if (row.result === null && row.changes !== null && row.entryId !== null) yield row;
}

function compareRow(row: RunRow, view: RegistryView, options: CompareAgainOptions): RunRow {
  const found = view.find({ by: "id", id: row.entryId! });
  const entry = found.kind === "one" ? found.entry : null;
  const end = (outcome: Outcome, message: string): RunRow => ({
    ...asOf(row, entry),
    result: { outcome, message, httpStatus: null, apiCode: null, attempts: 0, finishedAt: options.now, rayId: null },
  });
  if (entry === null) return end("rejected_not_found", "the entry does not exist any more");

  const wanted = updateOf(row.changes!);
  if (firstDifference(entry, wanted) === null) return end(options.alreadyShown, "it shows the new values already");
  if (isDirectorySynced(entry))
    return end("rejected_directory_synced", explainSynced(entry.provenance, fieldsOf(wanted)));
  const since = options.planned ? changedSince(entry, row.changes!) : [];
  if (since.length > 0) return end("rejected_conflict", `somebody changed it since the plan: ${since.join("; ")}`);
  return { ...asOf(row, entry), changes: diff(entry, wanted) ?? row.changes };
}

/** Fields that show neither what the plan found nor what the row asks for, each with both values. */
function changedSince(entry: Entry, changes: FieldChanges): string[] {
  return Object.entries(changes).flatMap(([field, { from, to }]) => {
    const shows = (value: typeof from): boolean => firstDifference(entry, { [field]: value }) === null;
    if (shows(from) || shows(to)) return [];
    return `${field} was ${JSON.stringify(from)} in the plan and is ${showField(entry, field as UpdatableField)} now`;
  });
}

function asOf(row: RunRow, entry: Entry | null): RunRow {
  if (entry === null) return row;
  return { ...row, entryEmail: entry.email, entryName: entry.name, provenance: entry.provenance };
}
