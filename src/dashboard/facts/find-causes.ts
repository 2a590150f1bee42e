import { adviceFor } from "../../report/advice.ts";
import type { Cause } from "../../report/causes.ts";
import { directoryTitle } from "../../report/directory-advice.ts";
import { groupOf } from "../../report/outcome-groups.ts";
import { RowStatistics, type SyncedDirectory } from "../../report/row-statistics.ts";
import { type Outcome, OUTCOMES } from "../../runs/outcome.ts";
import type { CauseCount, RowFilter, RowPage } from "../../runs/row-store.ts";
import type { RunHome } from "../../runs/run-home.ts";
import type { Run, RunRow } from "../../runs/run.ts";
import { isOver } from "../../runs/states.ts";
import { BUTTON_WAYS } from "../remedies.ts";

export interface CauseFact extends Omit<Cause, "shown"> {
  /** Numbers of the first rows; none before the run is over. */
  firstRows: number[];
  /** What helps, in a sentence or two. */
  advice: string | null;
  /** Its rows were sent, so they can be sent once more as they are. */
  canRetry: boolean;
}

export interface Causes {
  causes: CauseFact[];
  /** Directories that keep rows from being updated, by name. */
  directories: Pick<SyncedDirectory, "provenance" | "rows">[];
}

/** Rows of one outcome that are read to tell its causes apart by their messages; where there are more, status and code tell. */
const MOST_READ = 5_000;
const PAGE = 1_000;
/** Rows of a cause that are named. */
const FIRST = 50;
/** Runs whose causes are kept in mind: nothing changes any more. */
const MOST_KEPT = 50;
const ofEndedRuns = new WeakMap<RunHome["rows"], Map<string, Causes>>();

/** Why rows of a run did not get through, the most frequent cause of each outcome first. */
export async function findCauses({ rows }: Pick<RunHome, "rows">, run: Run): Promise<Causes> {
  if (!isOver(run.state)) return causesSoFar(await rows.causes(run.id));
  const known = ofEndedRuns.get(rows) ?? new Map<string, Causes>();
  ofEndedRuns.set(rows, known);
  const found = known.get(run.id) ?? (await readCauses(rows, run));
  known.delete(run.id);
  known.set(run.id, found);
  if (known.size > MOST_KEPT) known.delete(known.keys().next().value!);
  return found;
}

/** As the store counts them while rows end: a page that is looked at all the time must not read every row. */
function causesSoFar(counted: readonly CauseCount[]): Causes {
  const causes = counted
    .filter(({ outcome }) => isCause(outcome))
    .map(({ provenance: _none, ...cause }) => withAdvice({ ...cause, firstRows: [] }));
  return { causes, directories: directoriesIn(counted) };
}

function directoriesIn(counted: readonly CauseCount[]): Causes["directories"] {
  const synced = counted.filter(({ outcome }) => outcome === "rejected_directory_synced");
  return [...Map.groupBy(synced, ({ provenance }) => provenance)]
    .map(([provenance, alike]) => ({ provenance, rows: alike.reduce((sum, { rows }) => sum + rows, 0) }))
    .toSorted((a, b) => directoryTitle(a.provenance).localeCompare(directoryTitle(b.provenance), "en"));
}

/** Rows are found by how they ended, and only those that did not get through are read: no more than so many of an outcome. */
async function readCauses(rows: RunHome["rows"], run: Run): Promise<Causes> {
  const statistics = new RowStatistics(run);
  const large: CauseFact[] = [];
  const counted = await rows.causes(run.id);
  for (const [outcome, groups] of Map.groupBy(counted, (cause) => cause.outcome)) {
    if (!isCause(outcome)) continue;
    const total = groups.reduce((sum, group) => sum + group.rows, 0);
    if (total <= MOST_READ) {
      for await (const row of firstRows(rows, run, { outcomes: [outcome] }, MOST_READ)) statistics.add(row);
      continue;
    }
    for (const { provenance: _none, ...group } of groups) {
      const codes = group.apiCode === null ? [] : [group.apiCode];
      const first = await Array.fromAsync(firstRows(rows, run, { outcomes: [outcome], codes }, FIRST));
      large.push(withAdvice({ ...group, firstRows: first.map(({ row }) => row) }));
    }
  }
  const told = statistics.causes.map(({ shown, ...cause }) =>
    withAdvice({ ...cause, firstRows: shown.map(({ row }) => row) }),
  );
  return {
    causes: [...told, ...large].toSorted(
      (a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome) || b.rows - a.rows,
    ),
    directories: directoriesIn(counted),
  };
}

async function* firstRows(
  rows: RunHome["rows"],
  { id }: Run,
  filter: Pick<RowFilter, "outcomes" | "codes">,
  most: number,
): AsyncGenerator<RunRow> {
  let left = most;
  for (let after: number | null | undefined; after !== null && left > 0;) {
    const page: RowPage = await rows.page(id, { ...filter, after, limit: Math.min(left, PAGE) });
    yield* page.rows;
    left -= page.rows.length;
    after = page.next;
  }
}

function isCause(outcome: Outcome): boolean {
  return groupOf(outcome) === "to_fix" || groupOf(outcome) === "to_retry";
}

function withAdvice(cause: Omit<CauseFact, "advice" | "canRetry">): CauseFact {
  const canRetry = cause.outcome === "failed" || cause.outcome === "rejected_by_api";
  return { ...cause, advice: adviceFor(cause, BUTTON_WAYS), canRetry };
}
