import type { Outcome } from "../../runs/outcome.ts";
import type { RunRow } from "../../runs/run.ts";
import type { KeptPlan } from "../plans/kept-plans.ts";

export interface PlanRowQuery {
  /** What is to become of the row. */
  outcome?: Outcome | "update" | undefined;
  /** Only rows with a warning. */
  warned?: boolean | undefined;
  limit: number;
  /** The position of the last row of the page before. */
  after?: number | undefined;
}

/** Rows of a plan that fit, in the spreadsheet's order, a page at a time. */
export async function findPlanRows(
  { rows }: Pick<KeptPlan, "rows">,
  { outcome, warned = false, limit, after = -1 }: PlanRowQuery,
): Promise<{ rows: RunRow[]; next: number | null }> {
  const found: RunRow[] = [];
  for await (const row of rows.read(after + 1)) {
    if (outcome !== undefined && (row.result?.outcome ?? "update") !== outcome) continue;
    if (warned && (row.warnings ?? []).length === 0) continue;
    if (found.length === limit) return { rows: found, next: found.at(-1)!.n };
    found.push(row);
  }
  return { rows: found, next: null };
}
