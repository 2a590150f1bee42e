import type { Plan } from "./make-plan.ts";

/** The numbers of a plan, as JSON shows them. */
export function planSummary(plan: Plan): { summary: Record<string, number>; requests: Record<string, number> } {
  const { update, outcomes } = plan.summary;
  const rejected = Object.entries(outcomes).filter(([outcome]) => outcome.startsWith("rejected_"));
  return {
    summary: { update, unchanged: outcomes.unchanged, ...Object.fromEntries(rejected) },
    requests: { plan: plan.requests, updates: update },
  };
}

/** The document of `plan --json`. Holds every row, so its size grows with the source. */
export async function planDocument(plan: Plan, sourceName: string): Promise<object> {
  const rows: object[] = [];
  for await (const row of plan.decided()) {
    rows.push({
      row: row.row,
      outcome: row.result?.outcome ?? "update",
      impersonation_registry_id: row.entryId,
      changes: row.changes ?? {},
      message: row.result?.message ?? null,
      warnings: row.warnings ?? [],
    });
  }
  return {
    source: { name: sourceName, sha256: plan.sha256, rows: plan.rows, notes: plan.notes },
    ...planSummary(plan),
    rows,
    digest: plan.digest,
  };
}
