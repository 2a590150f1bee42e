import { type Change, renderProblems, type SourceRow } from "../changes/change.ts";
import { describeOdd, type Entry, isDirectorySynced, type OddField } from "../registry/entry.ts";
import { explainSynced } from "../registry/directory.ts";
import type { Outcome, RowResult } from "../runs/outcome.ts";
import type { RunRow } from "../runs/run.ts";
import type { FieldChanges } from "../registry/entry-diff.ts";
import { diff, fieldsOf, firstDifference, uncompared } from "../registry/entry-diff.ts";
import type { Duplicate, DuplicateRows } from "./duplicates.ts";
import type { RowLint } from "./lint/row-lint.ts";
import type { Found, RegistryView } from "./registry-view.ts";

export interface DecideOptions {
  /** Send what the row says without comparing. */
  noPlan: boolean;
  /** Look again just before each PATCH whether the entry was changed since the plan. */
  checkAgain: boolean;
  /** Looks at each row that is to be sent. */
  lint: RowLint;
  /** Epoch milliseconds, for the rows that end here. */
  now: number;
}

/**
 * Decides one row: either it ends here, with its outcome, or it has `changes` that must be sent.
 * `n` is its position in the run.
 */
export function decide(
  source: SourceRow,
  n: number,
  view: RegistryView,
  duplicates: DuplicateRows,
  options: DecideOptions,
): RunRow {
  const { change } = source;
  if (!change) return ended(source, n, null, "rejected_invalid", renderProblems(source.problems), options);

  const found = findEntry(view, change);
  switch (found.kind) {
    case "none":
      return ended(source, n, null, "rejected_not_found", `no entry has ${describeTarget(source)}`, options);
    case "several":
      return ended(source, n, null, "rejected_ambiguous", ambiguous(source, found.entries), options);
    case "one":
    case "moved":
    case "unseen":
      return decideFound(source, n, found, duplicates.of(keyOf(found), source.row), options);
  }
}

/** An entry that a row is about. */
type FoundEntry =
  | Extract<Found, { kind: "one" | "unseen" }>
  /** It has the row's new address already, and all its other values. */
  | { kind: "moved"; entry: Entry };

/**
 * The entry that a row is about. Where none has the address that finds it, the one with the row's new address is it, if it shows
 * all that the row asks for: so the row of an earlier run ends when it is planned again. Any other entry may be somebody else's.
 */
export function findEntry(view: RegistryView, { target, set }: Change): Found | FoundEntry {
  const found = view.find(target);
  if (found.kind !== "none" || target.by === "id" || typeof set.email !== "string") return found;
  const moved = view.find({ by: "email", email: set.email });
  return moved.kind === "one" && firstDifference(moved.entry, set) === null
    ? { kind: "moved", entry: moved.entry }
    : found;
}

/** Exactly one entry was found. */
export function isEntry(found: Found | FoundEntry): found is FoundEntry {
  return found.kind !== "none" && found.kind !== "several";
}

/** The name under which rows about this entry are the same. */
export function keyOf(found: FoundEntry): string {
  return (found.kind === "unseen" ? found.id : found.entry.id).toLowerCase();
}

function decideFound(
  source: SourceRow,
  n: number,
  found: FoundEntry,
  duplicate: Duplicate | null,
  options: DecideOptions,
): RunRow {
  const { set, modifiedAt } = source.change!;
  const entry = found.kind === "unseen" ? null : found.entry;
  const entryId = found.kind === "unseen" ? found.id : found.entry.id;
  const end = (outcome: Outcome, message: string | null, changes: FieldChanges | null = null): RunRow => ({
    ...ended(source, n, entry, outcome, message, options),
    entryId,
    changes,
  });

  if (duplicate?.kind === "conflicts") {
    return end(
      "rejected_duplicate",
      `rows ${duplicate.rows.join(", ")} are about the same entry and ask for different things`,
    );
  }
  const odd = entry && findOdd(entry, source.change!, options);
  if (odd) return end("rejected_by_api", `the API shows the entry in a way that can't be read: ${describeOdd(odd)}`);
  if (found.kind === "moved") {
    const message = `no entry has ${describeTarget(source)}; this one has the row's new address and values already`;
    return end("unchanged", message);
  }
  const changes = entry && !options.noPlan ? diff(entry, set) : uncompared(set);
  if (!changes) return end("unchanged", Object.keys(set).length === 0 ? "the row asks for no change" : null);
  if (entry && !options.noPlan) {
    if (isDirectorySynced(entry)) {
      return end("rejected_directory_synced", explainSynced(entry.provenance, fieldsOf(changes)), changes);
    }
    if (modifiedAt && entry.modified_at && Date.parse(entry.modified_at) > Date.parse(modifiedAt)) {
      return end(
        "rejected_conflict",
        `the entry was changed at ${entry.modified_at}, after the row's modified_at ${modifiedAt}`,
        changes,
      );
    }
  }
  if (duplicate?.kind === "repeats") return end("unchanged", `repeats row ${duplicate.ofRow}`);
  const warnings = [...(source.warnings ?? []), ...options.lint.warningsOf(entry, changes)];
  const warned = warnings.length > 0 ? { warnings } : {};
  if (warnings.length > 0 && options.lint.isStrict) {
    const message = warnings.map(({ code, message: text }) => `${code}: ${text}`).join("; ");
    return { ...end("rejected_invalid", message, changes), ...warned };
  }

  const guard = options.noPlan ? modifiedAt : options.checkAgain ? (entry?.modified_at ?? modifiedAt) : null;
  return { ...blank(source, n, entry), entryId, changes, guard, ...warned };
}

/** A field that can't be read and that the row depends on. */
function findOdd(
  entry: Entry,
  { set, modifiedAt }: Change,
  { noPlan, checkAgain }: DecideOptions,
): OddField | undefined {
  const needed = new Set<string>(["id"]);
  if (!noPlan) for (const field of ["provenance", ...Object.keys(set)]) needed.add(field);
  if (!noPlan && set.email !== undefined) needed.add("is_email_regex");
  if (!noPlan && (modifiedAt !== null || checkAgain)) needed.add("modified_at");
  return entry.odd?.find(({ field }) => needed.has(field));
}

function ended(
  source: SourceRow,
  n: number,
  entry: Entry | null,
  outcome: Outcome,
  message: string | null,
  { now }: DecideOptions,
): RunRow {
  const result: RowResult = {
    outcome,
    message,
    httpStatus: null,
    apiCode: null,
    attempts: 0,
    finishedAt: now,
    rayId: null,
  };
  return { ...blank(source, n, entry), result };
}

function blank(source: SourceRow, n: number, entry: Entry | null): RunRow {
  return {
    n,
    row: source.row,
    cells: source.cells,
    entryId: entry?.id ?? null,
    entryEmail: entry?.email ?? null,
    entryName: entry?.name ?? null,
    provenance: entry?.provenance ?? null,
    changes: null,
    guard: null,
    ...(source.warnings && { warnings: source.warnings }),
    result: null,
  };
}

function describeTarget({ change }: SourceRow): string {
  const target = change!.target;
  switch (target.by) {
    case "id":
      return `the id ${target.id}`;
    case "email":
      return `the e-mail address ${target.email}`;
    case "old-id":
      return target.email === null
        ? `the old id ${target.oldId}: ids of before 2025 are found by e-mail address, and this row has none`
        : `the e-mail address ${target.email} (the old id ${target.oldId} means nothing to the API any more)`;
  }
}

function ambiguous(source: SourceRow, entries: Entry[]): string {
  const ids = entries.slice(0, 3).map((entry) => `${entry.id} (${entry.name})`);
  const more = entries.length > ids.length ? ` and ${entries.length - ids.length} more` : "";
  return `${entries.length} entries have ${describeTarget(source)}: ${ids.join(", ")}${more}; name one by its id`;
}
