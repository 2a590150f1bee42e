import type { RowWarning } from "../changes/change.ts";
import type { UpdatableField } from "../registry/entry.ts";
import { fieldsOf } from "../registry/entry-diff.ts";
import { noOutcomes, type Outcome, type OutcomeCounts, OUTCOMES } from "../runs/outcome.ts";
import type { Run, RunRow } from "../runs/run.ts";
import { Causes, type Cause } from "./causes.ts";
import { clip } from "./clip.ts";
import { renderDrift } from "./drift-text.ts";
import { directoryTitle } from "./directory-advice.ts";
import { groupOf } from "./outcome-groups.ts";
import { type ShownRow, shownRow } from "./shown-row.ts";

/** How many rows the page shows; the CSV files have all of them. */
export const MOST_SHOWN = { ofOutcome: 500, ofDirectory: 250, warned: 100 } as const;

/** Directories that get a table of their own; the rows of any others are only counted. */
const MOST_DIRECTORIES = 20;

/** Rows that were refused because their entries come from one directory. */
export interface SyncedDirectory {
  provenance: string | null;
  rows: number;
  /** Fields that some row wants to change; none where that is not known. */
  fields: Set<UpdatableField>;
  /** The first of them, at most `MOST_SHOWN.ofDirectory`. */
  shown: ShownRow[];
}

/** A row of an entry that somebody changed in the registry since a schedule last applied it. */
export interface DriftedRow {
  row: ShownRow;
  /** What was changed there. */
  text: string;
}

/** A row that was warned of, as the page shows it. */
export interface WarnedRow {
  row: ShownRow;
  warnings: readonly RowWarning[];
}

/**
 * A run's rows in numbers, gathered in one pass for every form of the report: counts of all rows, and the first rows of each kind.
 * Holds at most a fixed number of rows, however many it is given.
 */
export class RowStatistics {
  rows = 0;
  readonly outcomes: OutcomeCounts = noOutcomes();
  /** Rows with a warning. */
  warnedRows = 0;
  /** The first of them, at most `MOST_SHOWN.warned`. */
  readonly warned: WarnedRow[] = [];
  /** Rows of entries that somebody changed in the registry. */
  driftedRows = 0;
  /** The first of them, at most `MOST_SHOWN.warned`. */
  readonly drifted: DriftedRow[] = [];
  readonly #run: Run;
  readonly #directories = new Map<string | null, SyncedDirectory>();
  readonly #causes = new Causes();
  readonly #ofOutcome = new Map<Outcome | null, ShownRow[]>();

  constructor(run: Run) {
    this.#run = run;
  }

  add(row: RunRow): void {
    const outcome = row.result?.outcome ?? null;
    this.rows += 1;
    if (outcome !== null) this.outcomes[outcome] += 1;

    // Made once and shared, and only while some list still takes it: most rows of a large run are shown nowhere.
    let made: ShownRow | null = null;
    const show = (): ShownRow => (made ??= shownRow(row, this.#run));

    const sample = listOf(this.#ofOutcome, outcome, () => []);
    if (sample.length < MOST_SHOWN.ofOutcome) sample.push(show());
    if (outcome === "rejected_directory_synced") this.#addSynced(row, show);
    if (row.warnings) {
      this.warnedRows += 1;
      if (this.warned.length < MOST_SHOWN.warned) this.warned.push({ row: show(), warnings: row.warnings });
    }
    const drift = renderDrift(row);
    if (drift !== null) {
      this.driftedRows += 1;
      if (this.drifted.length < MOST_SHOWN.warned) this.drifted.push({ row: show(), text: clip(drift) });
    }
    const group = groupOf(outcome);
    if (group === "to_fix" || group === "to_retry") this.#causes.add(row.result!, show);
  }

  /** Directories by name. */
  get directories(): SyncedDirectory[] {
    return [...this.#directories.values()].toSorted((a, b) =>
      directoryTitle(a.provenance).localeCompare(directoryTitle(b.provenance), "en"),
    );
  }

  /** Provenances of the directories that refused rows. */
  get provenances(): (string | null)[] {
    return [...this.#directories.keys()];
  }

  /** Causes of rejections and failures, in the order of the outcomes, the most frequent first. */
  get causes(): Cause[] {
    return this.#causes.sorted();
  }

  /** The first updated rows, at most `MOST_SHOWN.ofOutcome`. */
  get updated(): readonly ShownRow[] {
    return this.#ofOutcome.get("updated") ?? [];
  }

  /** The first rows of each outcome, in the spreadsheet's order; `complete` when no row is left out. */
  get sample(): { rows: ShownRow[]; complete: boolean } {
    const rows = [...OUTCOMES, null].flatMap((outcome) => this.#ofOutcome.get(outcome) ?? []);
    return { rows: rows.toSorted((a, b) => a.row - b.row), complete: rows.length === this.rows };
  }

  #addSynced({ provenance, changes }: RunRow, show: () => ShownRow): void {
    const directory = listOf(this.#directories, provenance, () => ({
      provenance,
      rows: 0,
      fields: new Set<UpdatableField>(),
      shown: [],
    }));
    for (const field of fieldsOf(changes ?? {})) directory.fields.add(field);
    directory.rows += 1;
    if (this.#directories.size <= MOST_DIRECTORIES && directory.shown.length < MOST_SHOWN.ofDirectory)
      directory.shown.push(show());
  }
}

function listOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
