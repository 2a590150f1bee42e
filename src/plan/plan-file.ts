import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { SourceRow } from "../changes/change.ts";
import { UPDATABLE_FIELDS } from "../registry/entry.ts";
import { OUTCOMES } from "../runs/outcome.ts";
import type { RunRow } from "../runs/run.ts";
import { seal } from "../report/seal.ts";
import { VERSION } from "../version.ts";
import type { LintOptions } from "./lint/lint.ts";
import type { SourcePlan } from "./make-plan.ts";
import { planSummary } from "./plan-document.ts";

/*
 * A plan as a file: JSON that people can read, one line a row, so that neither writing nor reading it needs memory for the
 * whole. Each row says what was found and what would be done (`outcome`, `changes`), and what it was made from (`asks`,
 * `cells`), so that the same plan can be made again without its source. The last line is the sha256 of all bytes above it.
 * Whoever changes a byte is found out by that, and whoever mends that, too, by the digest.
 */

/** The form that this version writes; it reads no other. */
export const PLAN_FILE_FORM = 1;

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const field = z.enum(UPDATABLE_FIELDS);
const warning = z.object({ code: z.string(), message: z.string() });

/** A plan file without its rows. */
export const planFileHead = z.object({
  bulkpatch_plan: z.literal(PLAN_FILE_FORM),
  /** Of this file: it is carried out once. */
  id: z.string(),
  created_at: z.string(),
  created_by: z.string(),
  version: z.string(),
  account_id: z.string(),
  source: z.object({ name: z.string(), sha256: z.string(), rows: z.number(), header: z.array(z.string()) }),
  lint: z.object({ strict: z.boolean(), allow_domains: z.array(z.string()) }),
});
export type PlanFileHead = z.infer<typeof planFileHead>;

/** One row of a plan file. */
export const planFileRow = z.object({
  row: z.number(),
  outcome: z.enum(["update", ...OUTCOMES]),
  impersonation_registry_id: z.string().nullable(),
  changes: z.partialRecord(field, z.object({ from: value, to: value })),
  message: z.string().nullable(),
  warnings: z.array(warning),
  asks: z
    .object({
      target: z.discriminatedUnion("by", [
        z.object({ by: z.literal("id"), id: z.string() }),
        z.object({ by: z.literal("email"), email: z.string() }),
        z.object({
          by: z.literal("old-id"),
          oldId: z.string(),
          email: z.string().nullable(),
          name: z.string().nullable(),
        }),
      ]),
      set: z.partialRecord(field, value),
      modified_at: z.string().nullable(),
    })
    .nullable(),
  problems: z.array(z.object({ column: z.string().nullable(), expected: z.string(), found: z.string() })),
  /** Warnings about cells, as far as they were known before the plan. */
  cell_warnings: z.array(warning),
  cells: z.array(z.string()),
});
export type PlanFileRow = z.infer<typeof planFileRow>;

export interface PlanFileFacts {
  accountId: string;
  sourceName: string;
  header: string[];
  lint: LintOptions;
  /** `user@host`. */
  by: string;
  now: number;
}

/** The text of a plan file, piece by piece. */
export async function* renderPlanFile(plan: SourcePlan, facts: PlanFileFacts): AsyncGenerator<string> {
  const { accountId, sourceName, header, lint, by, now } = facts;
  const head: PlanFileHead = {
    bulkpatch_plan: PLAN_FILE_FORM,
    id: randomUUID(),
    created_at: new Date(now).toISOString(),
    created_by: by,
    version: VERSION,
    account_id: accountId,
    source: { name: sourceName, sha256: plan.sha256, rows: plan.rows, header },
    lint: { strict: lint.strict, allow_domains: [...lint.allowDomains] },
  };
  yield* seal(pieces(plan, head));
}

async function* pieces(plan: SourcePlan, head: PlanFileHead): AsyncGenerator<string> {
  yield `${JSON.stringify({ ...head, ...planSummary(plan) }, null, 2).slice(0, -2)},\n  "rows": [\n`;
  let between = "";
  for await (const row of rowsOf(plan)) {
    yield `${between}    ${JSON.stringify(row)}`;
    between = ",\n";
  }
  yield `\n  ],\n  "digest": "${plan.digest}",\n`;
}

async function* rowsOf(plan: SourcePlan): AsyncGenerator<PlanFileRow> {
  const checked = plan.checked()[Symbol.asyncIterator]();
  try {
    for await (const decided of plan.decided()) yield planFileRowOf((await checked.next()).value as SourceRow, decided);
  } finally {
    await checked.return?.();
  }
}

function planFileRowOf({ change, problems, warnings = [] }: SourceRow, decided: RunRow): PlanFileRow {
  return {
    row: decided.row,
    outcome: decided.result?.outcome ?? "update",
    impersonation_registry_id: decided.entryId,
    changes: decided.changes ?? {},
    message: decided.result?.message ?? null,
    warnings: decided.warnings ?? [],
    asks: change && { target: change.target, set: change.set, modified_at: change.modifiedAt },
    problems,
    cell_warnings: warnings,
    cells: decided.cells,
  };
}
