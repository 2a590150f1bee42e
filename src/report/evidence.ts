import type { Run, RunRow } from "../runs/run.ts";
import { VERSION } from "../version.ts";
import { seal } from "./seal.ts";
import { snakeKeys } from "./snake-keys.ts";

/*
 * Evidence for an auditor: what was done, by whom, on whose approval, what was there before and after, and by which requests.
 * One JSON file for each run or period; a line for each row, run or occasion, so that memory does not grow with them. Each file
 * ends with its own sha256 and names the file before it with that one's (evidence-chain.ts).
 */

const EVIDENCE_FORM = 1;

/** What every evidence file begins with. */
export interface EvidenceHead {
  /** Counts the files of a folder, from 1. */
  number: number;
  /** Its own name. */
  file: string;
  /** The file before this one; null for the first. */
  previous: { file: string; sha256: string } | null;
  now: number;
  /** `user@host`. */
  by: string;
}

/** Who let a run happen. */
export interface Approval {
  /** `user@host`. */
  by: string;
  /** Epoch milliseconds. */
  at: number;
  /** The schedule that it was done for; null where a person started the run. */
  onBehalfOf: string | null;
  /** How it was said. */
  how: string;
}

/** What evidence of one run is made from. */
export interface RunEvidence {
  run: Run;
  rows: () => AsyncIterable<RunRow>;
  approval: Approval;
  /** The occasion that it was part of, where there is one. */
  occasion: object | null;
}

/** The text of a run's evidence, piece by piece. */
export function renderRunEvidence(
  head: EvidenceHead,
  { run, rows, approval, occasion }: RunEvidence,
): AsyncGenerator<string> {
  async function* pieces(): AsyncGenerator<string> {
    yield headText("run", head);
    yield field("run", runFacts(run));
    yield field("approval", {
      by: approval.by,
      at: time(approval.at),
      on_behalf_of: approval.onBehalfOf,
      how: approval.how,
    });
    yield field("occasion", occasion);
    yield field(
      "history",
      run.events.map(({ at, what, by, detail }) => ({ at: time(at), what, by, detail })),
    );
    yield* list(
      "rows",
      mapped(rows(), (row) => rowFacts(row, run.options.noPlan)),
    );
  }
  return seal(pieces());
}

/** What evidence of a period is made from. */
export interface PeriodEvidence {
  /** Epoch milliseconds; `to` is not part of it. */
  from: number;
  to: number;
  runs: AsyncIterable<Run>;
  /** Every occasion of every schedule that was due in it, with its skips, holds and approvals. */
  occasions: AsyncIterable<object>;
  /** Schedules with what was decided about them. */
  schedules: AsyncIterable<object>;
}

/** The text of a list of all that happened in a period, from which an auditor draws a sample. */
export function renderPeriodEvidence(
  head: EvidenceHead,
  { from, to, runs, occasions, schedules }: PeriodEvidence,
): AsyncGenerator<string> {
  async function* pieces(): AsyncGenerator<string> {
    yield headText("period", head);
    yield field("period", { from: time(from), to: time(to) });
    yield* list("runs", mapped(runs, runFacts));
    yield* list("occasions", occasions);
    yield* list("schedules", schedules);
  }
  return seal(pieces());
}

function headText(kind: "run" | "period", { number, file, previous, now, by }: EvidenceHead): string {
  return [
    "{\n",
    field("bulkpatch_evidence", EVIDENCE_FORM),
    field("kind", kind),
    field("number", number),
    field("file", file),
    field("previous", previous),
    field("made_at", time(now)),
    field("made_by", by),
    field("versions", { bulkpatch: VERSION, node: process.version }),
  ].join("");
}

function runFacts(run: Run): object {
  const [started] = run.events;
  return {
    id: run.id,
    name: run.name,
    state: run.state,
    reason: run.reason,
    account_id: run.accountId,
    source: { name: run.source.name, sha256: run.source.sha256, rows: run.source.rows },
    plan_digest: run.source.digest ?? null,
    lint: snakeKeys(run.source.lint ?? null),
    options: snakeKeys(run.options),
    retry_of: run.retryOf,
    started_by: started?.by ?? null,
    created_at: time(run.createdAt),
    finished_at: run.finishedAt === null ? null : time(run.finishedAt),
    outcomes: run.outcomes,
    requests: run.requests,
  };
}

function rowFacts({ row, entryId, changes, warnings, drift, result }: RunRow, noPlan: boolean): object {
  const side = (which: "from" | "to"): object =>
    Object.fromEntries(Object.entries(changes ?? {}).map(([name, change]) => [name, change[which]]));
  return {
    row,
    outcome: result?.outcome ?? null,
    impersonation_registry_id: entryId,
    before: noPlan ? null : side("from"),
    [result?.outcome === "updated" ? "after" : "wanted"]: side("to"),
    message: result?.message ?? null,
    warnings: warnings ?? [],
    cause: drift?.cause ?? null,
    last_applied: drift?.applied ?? null,
    http_status: result?.httpStatus ?? null,
    attempts: result?.attempts ?? 0,
    finished_at: result ? time(result.finishedAt) : null,
    cf_ray: result?.rayId ?? null,
    cf_auditlog_id: result?.auditLogId ?? null,
  };
}

function field(name: string, value: unknown): string {
  return `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`;
}

async function* list(name: string, items: AsyncIterable<object>): AsyncGenerator<string> {
  yield `  ${JSON.stringify(name)}: [`;
  let between = "\n";
  for await (const item of items) {
    yield `${between}    ${JSON.stringify(item)}`;
    between = ",\n";
  }
  yield "\n  ],\n";
}

async function* mapped<T>(items: AsyncIterable<T>, map: (item: T) => object): AsyncGenerator<object> {
  for await (const item of items) yield map(item);
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
