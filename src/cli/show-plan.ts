import { type Outcome, OUTCOMES } from "../runs/outcome.ts";
import type { RunRow } from "../runs/run.ts";
import type { FieldChanges } from "../registry/entry-diff.ts";
import type { Plan } from "../plan/make-plan.ts";
import type { Terminal } from "./terminal.ts";
import { countOf, formatCount, formatDuration } from "../wording.ts";
import { outcomeLabel } from "../runs/outcome.ts";

/** Rows that are shown before the question. */
const UPDATES_SHOWN = 5;
const ALIKE_SHOWN = 2;

/** Prints what a run would do: the numbers, how long it takes, and the first rows as old → new. */
export async function showPlan(
  plan: Omit<Plan, "close">,
  sourceName: string,
  requestsPerSecond: number,
  { print, style }: Terminal,
): Promise<void> {
  for (const note of plan.notes) print(`${style("cyan", "note:")} ${note}`);
  print(style("bold", `${sourceName}: ${countOf(plan.rows, "row")}`));
  const { update, outcomes } = plan.summary;
  print(
    `  ${style("green", "update".padEnd(20))}${formatCount(update).padStart(8)}${update > 0 ? `   in ${formatDuration((update / requestsPerSecond) * 1_000)} at ${requestsPerSecond.toFixed(requestsPerSecond < 10 ? 1 : 0)} requests a second` : ""}`,
  );
  for (const outcome of OUTCOMES) {
    if (outcomes[outcome] > 0)
      print(`  ${outcomeLabel(outcome).padEnd(20)}${formatCount(outcomes[outcome]).padStart(8)}`);
  }
  if (plan.registrySize !== null)
    print(
      style(
        "dim",
        `  compared with ${countOf(plan.registrySize, "entry", "entries")} in the registry, ${countOf(plan.requests, "request")}`,
      ),
    );

  const updates: RunRow[] = [];
  const warned = new Map<string, { row: number; message: string }[]>();
  const rejected = new Map<Outcome, RunRow[]>();
  for await (const row of plan.decided()) {
    for (const { code, message } of row.warnings ?? []) {
      const alike = warned.get(code) ?? [];
      if (alike.length < ALIKE_SHOWN) warned.set(code, [...alike, { row: row.row, message }]);
    }
    if (row.result === null) {
      if (updates.length < UPDATES_SHOWN) updates.push(row);
    } else if (row.result.outcome !== "unchanged") {
      const alike = rejected.get(row.result.outcome) ?? [];
      if (alike.length < ALIKE_SHOWN) rejected.set(row.result.outcome, [...alike, row]);
    }
  }
  if (updates.length > 0) {
    print(style("bold", updates.length < update ? `The first ${updates.length} updates` : "Updates"));
  }
  for (const row of updates)
    print(`  row ${row.row}  ${row.entryEmail ?? row.entryId}: ${renderChanges(row.changes!)}`);
  if (warned.size > 0) print(style("bold", "Warnings: look at these rows first"));
  for (const [code, alike] of warned) {
    for (const { row, message } of alike) print(`  row ${row}  ${style("yellow", code)}: ${message}`);
    const more = plan.warnings[code]! - alike.length;
    if (more > 0) print(style("dim", `  … and ${countOf(more, "more row")} with ${code}`));
  }
  if (rejected.size > 0) print(style("bold", "Rows that are not sent, the first of each kind"));
  for (const row of [...rejected.values()].flat()) {
    print(`  row ${row.row}  ${style("yellow", outcomeLabel(row.result!.outcome))}: ${row.result!.message ?? ""}`);
  }
}

/** `name: "Jon" → "John"; comments: null → "CFO"`. */
export function renderChanges(changes: FieldChanges): string {
  return Object.entries(changes)
    .map(([field, { from, to }]) => `${field}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`)
    .join("; ");
}
