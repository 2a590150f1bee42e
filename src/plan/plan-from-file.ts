import type { SourceRow } from "../changes/change.ts";
import type { Source } from "../changes/source.ts";
import type { Registry } from "../registry/open-registry.ts";
import type { Leases } from "../runs/leases.ts";
import type { RunRow } from "../runs/run.ts";
import type { PlanProgress } from "./look-up.ts";
import { makePlan, type SourcePlan } from "./make-plan.ts";
import { PlanFileError } from "./plan-file-error.ts";
import type { PlanFileRow } from "./plan-file.ts";
import type { PlanFile } from "./read-plan-file.ts";

/** How long it is remembered that a plan file was carried out; by then no registry is as it was. */
const REMEMBERED_MS = 400 * 24 * 60 * 60 * 1_000;
/** Rows that a refusal names. */
const ROWS_NAMED = 3;

export interface PlanFromFileOptions {
  file: PlanFile;
  registry: Registry;
  checkAgain: boolean;
  needSize?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: PlanProgress, sourceName: string) => void;
}

/**
 * Makes the plan of a plan file once more, against the registry as it is now, and gives it where it is the same to the last value.
 * The caller closes it. Throws PlanFileError `plan_other_account`, and `plan_changed` with the first rows that would be decided
 * otherwise. Changes of fields that the plan does not touch make no difference.
 */
export async function planFromFile(options: PlanFromFileOptions): Promise<SourcePlan> {
  const { file, registry, checkAgain, needSize, signal, onProgress } = options;
  if (file.account_id !== registry.api.accountId) {
    throw new PlanFileError(
      "plan_other_account",
      `${file.path}: expected a plan for account ${registry.api.accountId}, found one for ${file.account_id}`,
      { path: file.path },
    );
  }
  let sent = 0;
  const client = registry.connect(() => (sent += 1), { urgent: true });
  try {
    const plan = await makePlan({
      source: sourceOf(file),
      registry: client,
      noPlan: false,
      checkAgain,
      lint: { strict: file.lint.strict, allowDomains: file.lint.allow_domains },
      needSize,
      requestsSent: () => sent,
      signal,
      onProgress: (progress) => onProgress?.(progress, file.source.name),
    });
    if (plan.digest === file.digest) return plan;
    try {
      throw await changed(file, plan);
    } finally {
      await plan.close();
    }
  } finally {
    await client.close();
  }
}

/** The run that carries a plan file out, or did; null: none. */
export async function runOfPlanFile(leases: Leases, file: PlanFile): Promise<string | null> {
  return await leases.owner(leaseName(file));
}

/**
 * Notes that this run carries the plan file out; answers how to take that back where the run never began. Throws PlanFileError
 * `plan_carried_out`, which names the run, where another one did: each plan file is carried out once, whoever tries it at the same time.
 */
export async function claimPlanFile(leases: Leases, file: PlanFile, runId: string): Promise<() => Promise<void>> {
  const name = leaseName(file);
  if ((await leases.take(name, runId, REMEMBERED_MS)) !== null) return () => leases.release(name, runId);
  throw carriedOut(file, (await leases.owner(name)) ?? "another run");
}

function leaseName({ id }: PlanFile): string {
  return `plan-file:${id}`;
}

/** That a plan file is not carried out again. */
export function carriedOut({ path }: PlanFile, run: string): PlanFileError {
  return new PlanFileError("plan_carried_out", `${path}: this plan was carried out already, by run ${run}`, {
    path,
    run,
  });
}

function sourceOf(file: PlanFile): Source {
  return {
    name: file.source.name,
    path: null,
    header: file.source.header,
    notes: [],
    async *rows() {
      for await (const row of file.rows()) yield sourceRowOf(row);
    },
    sha256: () => file.source.sha256,
    close: async () => undefined,
  };
}

/** What a row asked for, as it was read from its source. */
function sourceRowOf({ row, cells, asks, problems, cell_warnings: warnings }: PlanFileRow): SourceRow {
  return {
    row,
    cells,
    change: asks && { target: asks.target, set: asks.set, modifiedAt: asks.modified_at },
    problems,
    ...(warnings.length > 0 && { warnings }),
  };
}

async function changed(file: PlanFile, plan: SourcePlan): Promise<PlanFileError> {
  const named: string[] = [];
  let rows = 0;
  const now = plan.decided()[Symbol.asyncIterator]();
  for await (const then of file.rows()) {
    const { value } = (await now.next()) as IteratorResult<RunRow, undefined>;
    if (value === undefined || !differs(then, value)) continue;
    rows += 1;
    if (named.length < ROWS_NAMED)
      named.push(`row ${then.row}: ${describe(then)} then, ${describe(rowNow(value))} now`);
  }
  await now.return?.();
  const more = rows > named.length ? `; and ${rows - named.length} more` : "";
  return new PlanFileError(
    "plan_changed",
    `${file.path}: the registry was changed since ${file.created_at}, so that another plan would come of it: ${named.join("; ")}${more}`,
    { path: file.path },
  );
}

type Decision = Pick<PlanFileRow, "outcome" | "changes" | "impersonation_registry_id">;

function rowNow(row: RunRow): Decision {
  return {
    outcome: row.result?.outcome ?? "update",
    changes: row.changes ?? {},
    impersonation_registry_id: row.entryId,
  };
}

function differs(then: Decision, row: RunRow): boolean {
  const now = rowNow(row);
  const text = ({ outcome, changes, impersonation_registry_id: id }: Decision): string =>
    JSON.stringify([outcome, id, Object.entries(changes).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
  return text(then) !== text(now);
}

function describe({ outcome, changes }: Decision): string {
  const fields = Object.entries(changes).map(
    ([field, { from, to }]) => `${field} ${JSON.stringify(from)} → ${JSON.stringify(to)}`,
  );
  return outcome === "update" ? fields.join(", ") : outcome;
}
