import type { SourceRow } from "../changes/change.ts";
import type { Source } from "../changes/source.ts";
import type { RegistryClient } from "../registry/client.ts";
import type { DecidedRows } from "../runs/decided-rows.ts";
import { noOutcomes, type OutcomeCounts } from "../runs/outcome.ts";
import type { RunRow } from "../runs/run.ts";
import { decide, type DecideOptions, findEntry, isEntry, keyOf } from "./decide.ts";
import { PlanDigest } from "./digest.ts";
import { DuplicateRows } from "./duplicates.ts";
import { type LintOptions, NO_LINT_OPTIONS } from "./lint/lint.ts";
import { RowLint } from "./lint/row-lint.ts";
import { lookUp, type PlanProgress, Wanted } from "./look-up.ts";
import { registryNotes } from "./registry-notes.ts";
import type { RegistryView } from "./registry-view.ts";
import { RowSpool } from "./row-spool.ts";

/** The changes of a source held against the live registry. Nothing has been written anywhere but in a temporary file, which `close` removes. */
export interface Plan extends DecidedRows {
  notes: string[];
  summary: PlanSummary;
  /** Rows with each kind of warning, by its code. */
  warnings: Record<string, number>;
  /** By which the plan is approved and recognised (digest.ts), hexadecimal. */
  digest: string;
  /** Entries in the registry, where it was asked; else null. */
  registrySize: number | null;
  close(): Promise<void>;
}

/** A plan of a source, with what was read from it. */
export interface SourcePlan extends Plan {
  /** The rows as they were checked, one for each decided row and in the same order; may be called again. */
  checked(): AsyncIterable<SourceRow>;
}

/** A plan in numbers. */
export interface PlanSummary {
  /** Rows that need a PATCH. */
  update: number;
  /** Rows that ended without one. */
  outcomes: OutcomeCounts;
}

export interface PlanOptions {
  source: Source;
  registry: Pick<RegistryClient, "list" | "get">;
  noPlan: boolean;
  checkAgain: boolean;
  /** What is expected of new addresses; default: the registry's domains, and warnings reject nothing. */
  lint?: LintOptions;
  /** Ask for the registry's size even where no row needs the listing. */
  needSize?: boolean;
  /** Requests sent so far by the registry client. */
  requestsSent: () => number;
  now?: () => number;
  signal?: AbortSignal;
  onProgress?: (progress: PlanProgress) => void;
}

/**
 * Reads and checks every row, looks up the entries, finds rows about the same entry, and counts what a run would do.
 * Memory grows with the registry, not with the source. Throws SourceError for a file that can't be used, and the registry's errors.
 */
export async function makePlan(options: PlanOptions): Promise<SourcePlan> {
  const { source, registry, noPlan, checkAgain, requestsSent, signal, onProgress } = options;
  const before = requestsSent();
  const wanted = new Wanted();
  let read = 0;
  const spool = await RowSpool.write(source.rows(), (row) => {
    signal?.throwIfAborted();
    wanted.add(row);
    read += 1;
    if (read % 1_000 === 0) onProgress?.({ step: "reading", rows: read });
  });
  try {
    const view = await lookUp(registry, wanted, {
      noPlan,
      needSize: options.needSize === true,
      ids: () => idsOf(spool),
      signal,
      onProgress,
    });
    const lint = new RowLint(view, options.lint ?? NO_LINT_OPTIONS);
    const duplicates = await lookAcross(spool, view, lint);
    const decideOptions: DecideOptions = { noPlan, checkAgain, lint, now: (options.now ?? Date.now)() };
    const decided = (): AsyncIterable<RunRow> => decideAll(spool, view, duplicates, decideOptions);
    const sha256 = source.sha256();
    return {
      rows: spool.rows,
      sha256,
      notes: [...source.notes, ...registryNotes(view)],
      ...(await summarise(sha256, decided())),
      requests: requestsSent() - before,
      registrySize: view.registrySize,
      decided,
      checked: () => spool.read(),
      close: () => spool.close(),
    };
  } catch (error) {
    await spool.close();
    throw error;
  }
}

async function* idsOf(spool: RowSpool): AsyncGenerator<string> {
  for await (const { change } of spool.read()) if (change?.target.by === "id") yield change.target.id;
}

/** What only shows when all rows are seen: those about the same entry, and those that give one address to many names. */
async function lookAcross(spool: RowSpool, view: RegistryView, lint: RowLint): Promise<DuplicateRows> {
  const duplicates = new DuplicateRows();
  for await (const { row, change } of spool.read()) {
    if (!change) continue;
    const found = findEntry(view, change);
    if (isEntry(found)) duplicates.add(keyOf(found), row, change);
    if (found.kind === "one") lint.noteAddress(found.entry, change.set);
  }
  return duplicates;
}

async function* decideAll(
  spool: RowSpool,
  view: RegistryView,
  duplicates: DuplicateRows,
  options: DecideOptions,
): AsyncGenerator<RunRow> {
  let n = 0;
  for await (const row of spool.read()) yield decide(row, n++, view, duplicates, options);
}

/** One pass over decided rows: their numbers, and their digest. */
export async function summarise(
  sourceSha256: string,
  rows: AsyncIterable<RunRow>,
): Promise<Pick<Plan, "summary" | "warnings" | "digest">> {
  const summary: PlanSummary = { update: 0, outcomes: noOutcomes() };
  const warnings: Record<string, number> = {};
  const digest = new PlanDigest(sourceSha256);
  for await (const row of rows) {
    digest.add(row);
    if (row.result) summary.outcomes[row.result.outcome] += 1;
    else summary.update += 1;
    for (const { code } of row.warnings ?? []) warnings[code] = (warnings[code] ?? 0) + 1;
  }
  return { summary, warnings, digest: digest.hex() };
}
