import type { Entry, UpdatableField } from "../registry/entry.ts";
import { type Registry, withClient } from "../registry/open-registry.ts";
import type { RowResult } from "../runs/outcome.ts";
import { RunError } from "../runs/run-error.ts";
import type { Run, RunRow } from "../runs/run.ts";
import type { FieldChanges } from "../registry/entry-diff.ts";
import { diff, showField, updateOf } from "../registry/entry-diff.ts";
import { isAtRest } from "../runs/states.ts";
import { assertAccount } from "../runs/control.ts";
import { lookUp, Wanted } from "./look-up.ts";
import { type Plan, summarise } from "./make-plan.ts";
import { registryNotes } from "./registry-notes.ts";
import type { RegistryView } from "./registry-view.ts";

export interface UndoOptions {
  run: Run;
  /** The run's rows; called several times. */
  rows: () => AsyncIterable<RunRow>;
  registry: Pick<Registry, "connect"> & { api: Pick<Registry["api"], "accountId"> };
  now: number;
  signal?: AbortSignal;
}

/**
 * The plan that puts back the values from before a run: for each row that was `updated`, the old values of the fields it
 * changed, where the entry still shows the run's values. Fields that somebody changed since make the row `rejected_conflict`.
 * Throws RunError where the run is of another account, is not at rest (more rows would be updated after the plan is made), updated
 * nothing, or does not know the old values (it was run without a plan).
 */
export async function makeUndoPlan({ run, rows, registry, now, signal }: UndoOptions): Promise<Plan> {
  assertAccount(run, registry.api.accountId);
  if (!isAtRest(run.state)) {
    throw new RunError(
      `run_${run.state}`,
      `run ${run.id} is ${run.state}: what it will have updated is not known yet`,
      {
        run: run.id,
        asked: "undo",
      },
    );
  }
  if (run.options.noPlan) {
    throw new RunError(
      "no_old_values",
      `run ${run.id} was run with --no-plan, so the values from before were never read`,
      { run: run.id, asked: "undo" },
    );
  }
  const wanted = new Wanted();
  let total = 0;
  for await (const row of updatedRows(rows())) {
    wanted.addEntry(row.entryId!, row.changes!);
    total += 1;
  }
  if (total === 0)
    throw new RunError("nothing_to_undo", `run ${run.id} updated no entry`, { run: run.id, asked: "undo" });

  async function* ids(): AsyncGenerator<string> {
    for await (const row of updatedRows(rows())) yield row.entryId!;
  }
  const { value: view, requests } = await withClient(registry, (client) =>
    lookUp(client, wanted, { noPlan: false, needSize: false, ids, signal }),
  );
  async function* decided(): AsyncGenerator<RunRow> {
    let n = 0;
    for await (const row of updatedRows(rows())) yield decideUndo(row, n++, view, now);
  }
  return {
    rows: total,
    sha256: run.source.sha256,
    notes: registryNotes(view),
    ...(await summarise(run.source.sha256, decided())),
    requests,
    registrySize: view.registrySize,
    decided,
    close: async () => {}, // it reads the rows of the other run, and keeps none
  };
}

async function* updatedRows(rows: AsyncIterable<RunRow>): AsyncGenerator<RunRow> {
  for await (const row of rows) if (row.result?.outcome === "updated" && row.changes !== null) yield row;
}

function decideUndo(row: RunRow, n: number, view: RegistryView, now: number): RunRow {
  const found = view.find({ by: "id", id: row.entryId! });
  const entry = found.kind === "one" ? found.entry : null;
  const blank: RunRow = {
    ...row,
    n,
    entryEmail: entry?.email ?? row.entryEmail,
    entryName: entry?.name ?? row.entryName,
    provenance: entry?.provenance ?? row.provenance,
    changes: null,
    guard: null,
    result: null,
  };
  const end = (outcome: RowResult["outcome"], message: string | null): RunRow => ({
    ...blank,
    result: { outcome, message, httpStatus: null, apiCode: null, attempts: 0, finishedAt: now, rayId: null },
  });
  if (entry === null) return end("rejected_not_found", "the entry does not exist any more");
  const back = diff(entry, updateOf(reversed(row.changes!)));
  if (back === null) return end("unchanged", null);
  const others = changedSince(entry, row.changes!);
  return others === null
    ? { ...blank, changes: back }
    : end("rejected_conflict", `somebody changed it since: ${others}`);
}

/** Fields that show neither what the run wrote nor what was there before. */
function changedSince(entry: Entry, changes: FieldChanges): string | null {
  const nowOther = diff(entry, updateOf(changes));
  const before = diff(entry, updateOf(reversed(changes)));
  const fields = Object.keys(changes).filter((field) => field in (nowOther ?? {}) && field in (before ?? {}));
  return fields.length === 0
    ? null
    : fields.map((field) => `${field} is ${showField(entry, field as UpdatableField)}`).join(", ");
}

function reversed(changes: FieldChanges): FieldChanges {
  return Object.fromEntries(Object.entries(changes).map(([field, { from, to }]) => [field, { from: to, to: from }]));
}
