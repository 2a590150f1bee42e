import { z } from "zod";
import { BudgetView, CauseView, RunDetailView, RunView, RowView, WorkerView } from "../../src/dashboard/views.ts";
import { OccasionView, ScheduleDetailView, ScheduleView } from "../../src/dashboard/schedule-views.ts";
import { REPORT_FORMATS } from "../../src/report/report-format.ts";
import { OUTCOMES } from "../../src/runs/outcome.ts";

/*
 * The one document that each command prints with --json. Objects that the HTTP API gives, too, have its schema. docs/json.md is
 * made of these.
 */

const Budget = BudgetView.pick({
  limit: true,
  window_seconds: true,
  used: true,
  left: true,
  closed_until: true,
  reason: true,
});

const Value = z.union([z.string(), z.number(), z.boolean()]).nullable();

const ErrorDocument = z.object({
  error: z.object({
    code: z.string().describe("a stable word, e.g. file_not_found; usage: wrong flags or arguments"),
    message: z.string(),
    remedy: z.string().describe("what to do next"),
  }),
});

const PlanDocument = z.object({
  source: z.object({
    name: z.string(),
    sha256: z.string(),
    rows: z.int(),
    notes: z.array(z.string()).describe("what was guessed of the file, and what of it is not used"),
  }),
  summary: z.record(z.string(), z.int()).describe("rows by what becomes of them: update, unchanged, rejected_…"),
  requests: z.object({ plan: z.int(), updates: z.int() }),
  rows: z.array(
    RowView.pick({ row: true, impersonation_registry_id: true, changes: true, message: true, warnings: true }).extend({
      outcome: z.enum(["update", ...OUTCOMES]),
    }),
  ),
  digest: z.string().describe("sha256 of source, entries and changes: what an approval is of"),
  budget: Budget,
});

const StatusDocument = RunView.extend({
  progress: RunDetailView.shape.progress,
  requests_per_second: z.number().nullable().describe("lately; null where none were sent"),
  workers: z
    .array(WorkerView.pick({ host: true, pid: true }))
    .describe("processes that are alive and work on it; none where nobody does, or where it rests"),
  events: RunDetailView.shape.events,
  budget: Budget.nullable().describe("null where the settings name no token of the run's account"),
});

const ReportFileDocument = z.object({
  run: z.string(),
  format: z.enum(REPORT_FORMATS),
  rows: z.int().describe("that are in it"),
  out: z.string().nullable().describe("the file that was written; null: it is in text"),
  text: z.string().nullable().describe("the file's text where no --out was given"),
});

const SummaryDocument = z.object({
  run: z.string(),
  name: z.string(),
  state: RunView.shape.state,
  reason: RunView.shape.reason,
  headline: z.string().describe("how it went, in a sentence"),
  source: z.object({ name: z.string(), sha256: z.string(), rows: z.int() }),
  outcomes: RunView.shape.outcomes,
  without_outcome: z.int().describe("rows that have none (yet): with outcomes they add up to the rows"),
  causes: z
    .array(
      CauseView.pick({ outcome: true, http_status: true, api_code: true, rows: true }).extend({
        message: z.string().nullable().describe("what the rows have in common; null where that is the outcome alone"),
        first_rows: z.array(z.int()).describe("numbers of the first fifty"),
      }),
    )
    .describe(
      "why rows were rejected or failed, by outcome, the most frequent first; those of directories stand below",
    ),
  directories: z
    .array(z.object({ provenance: z.string().nullable(), rows: z.int() }))
    .describe("directories that entries are synced from, which keeps them from being updated"),
  requests: RunView.shape.requests,
  started_at: RunView.shape.created_at,
  finished_at: RunView.shape.finished_at,
  account_id: z.string(),
  retry_of: z.string().nullable().describe("the run whose rows this one tried again"),
  events: z.array(
    z.object({ at: RunView.shape.created_at, what: z.string(), by: z.string(), detail: z.string().nullable() }),
  ),
});

const Schedule = ScheduleView.omit({ last_success_at: true });

const Occasions = z.object({ occasions: z.array(OccasionView) });

/** What is asked for and can't begin yet. */
const WaitingOccasion = OccasionView.pick({ schedule: true, due_at: true }).extend({
  state: z.literal("running"),
  reason: z.literal("waiting"),
});

const ExplainDocument = z.object({
  schedule: z.string(),
  email: z.string(),
  rows: z.array(
    z.object({
      row: z.int(),
      outcome: z.string().describe("update, or how the row ends without one"),
      message: z.string().nullable(),
      impersonation_registry_id: z.string().nullable(),
      fields: z.array(
        z.object({
          field: z.string(),
          listed: Value,
          found: Value,
          last_applied: Value,
          cause: z.string().nullable().describe("null where list and registry agree"),
          left_alone: z.boolean(),
        }),
      ),
    }),
  ),
  entries: z.array(z.object({ id: z.string(), email: z.string(), name: z.string() })),
});

/** A command's document. */
export interface JsonDocument {
  /** Command lines that give it, without `bulkpatch` and `--json`. */
  of: string[];
  schema: z.ZodType;
  /** What else there is to know, as a sentence or two. */
  says?: string;
}

/** In the order of docs/json.md. */
export const JSON_DOCUMENTS = {
  error: {
    of: ["An error"],
    schema: ErrorDocument,
    says: "Of any command that could not do its work, wrong flags included; the exit code is that of the error.",
  },
  plan: {
    of: ["plan FILE", "run FILE --dry-run", "retry --dry-run", "undo --dry-run"],
    schema: PlanDocument,
    says: "It holds every row, so its size grows with the file.",
  },
  run: {
    of: [
      "run FILE --yes",
      "run --plan PLAN --yes",
      "resume",
      "retry --yes",
      "undo --yes",
      "pause RUN",
      "cancel RUN",
      "demo",
    ],
    schema: RunView,
    says: "What is known so far; with `--detach`, too.",
  },
  status: { of: ["status", "status --watch"], schema: StatusDocument },
  runs: { of: ["runs"], schema: z.object({ runs: z.array(RunView).describe("the newest first") }) },
  report: {
    of: ["report", "report --out FOLDER"],
    schema: RunView.extend({ files: z.array(z.string()).describe("names in report_dir") }),
  },
  "report file": { of: ["report --format FORMAT", "report --out FILE"], schema: ReportFileDocument },
  summary: {
    of: ["summary.json", "report --format json"],
    schema: SummaryDocument,
    says: "The file in the report's folder, and what `report --format json` prints without `--json`.",
  },
  verify: {
    of: ["verify"],
    schema: z.object({
      run: z.string(),
      checked: z.int().describe("rows that were updated"),
      same: z.int().describe("of these, those whose entry shows every value that was written"),
      different: z.array(
        z.object({
          row: z.int(),
          impersonation_registry_id: z.string(),
          field: z.string(),
          expected: Value,
          found: Value,
        }),
      ),
      gone: z
        .array(z.object({ row: z.int(), impersonation_registry_id: z.string() }))
        .describe("no such entry any more"),
    }),
  },
  evidence: { of: ["evidence RUN", "evidence --from DATE --to DATE"], schema: z.object({ file: z.string() }) },
  "evidence check": {
    of: ["evidence --check FILE"],
    schema: z.object({
      file: z.string(),
      sha256: z.string(),
      before: z.array(z.string()).describe("files before it that are as they were written, too"),
      missing: z.string().nullable().describe("the file before these, where it is not here"),
    }),
  },
  export: {
    of: ["export", "export --out FILE"],
    schema: z.object({
      entries: z.int(),
      left_out: z.int().describe("values that can't be written as a cell that reads back the same"),
      out: z.string().nullable(),
      columns: z.array(z.string()),
      rows: z.array(z.array(z.string())).optional().describe("cells in the order of columns, where no --out was given"),
    }),
  },
  doctor: {
    of: ["doctor"],
    schema: z.object({
      healthy: z.boolean(),
      checks: z.array(
        z.object({ check: z.string(), ok: z.boolean(), says: z.string(), remedy: z.string().nullable() }),
      ),
    }),
  },
  worker: {
    of: ["worker --check"],
    schema: z.object({ workers: z.array(WorkerView).describe("alive on this machine") }),
  },
  notify: {
    of: ["notify test URL"],
    schema: z.object({
      accepted: z.literal(true),
      status: z.int(),
      receiver: z.string(),
      signed: z.boolean(),
    }),
  },
  schedules: { of: ["schedule list"], schema: z.object({ schedules: z.array(Schedule) }) },
  schedule: {
    of: [
      "schedule add NAME SOURCE",
      "schedule pause NAME",
      "schedule resume NAME",
      "schedule approve NAME --digest D",
      "schedule reject NAME --digest D",
    ],
    schema: Schedule,
  },
  "schedule show": { of: ["schedule show NAME"], schema: ScheduleDetailView.omit({ last_success_at: true }) },
  occasions: { of: ["schedule occasions NAME", "schedule run-due"], schema: Occasions },
  "run-now": { of: ["schedule run-now NAME"], schema: z.union([OccasionView, WaitingOccasion]) },
  "schedule remove": { of: ["schedule remove NAME"], schema: z.object({ removed: z.string() }) },
  explain: { of: ["schedule explain NAME --email ADDRESS"], schema: ExplainDocument },
  accept: {
    of: ["schedule accept NAME --email ADDRESS --until DATE --reason TEXT"],
    schema: z.object({ schedule: z.string(), accepted: ScheduleDetailView.shape.accepted }),
  },
} satisfies Record<string, JsonDocument>;
