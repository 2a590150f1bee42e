import { resolve } from "node:path";
import { addEvidence, checkEvidence } from "../../report/evidence-chain.ts";
import { type Approval, renderPeriodEvidence, renderRunEvidence } from "../../report/evidence.ts";
import { findRun } from "../../runs/control.ts";
import type { RunStore } from "../../runs/run-store.ts";
import type { Run } from "../../runs/run.ts";
import { isOver } from "../../runs/states.ts";
import type { Occasion } from "../../schedules/occasion.ts";
import {
  occasionEvidence,
  occasionOfRun,
  occasionsOfPeriod,
  schedulesAsEvidence,
} from "../../schedules/schedule-evidence.ts";
import { countOf } from "../../wording.ts";
import { makeCommand, UsageError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { type Session, withSession } from "../session.ts";
import type { Terminal } from "../terminal.ts";

const DAY = 24 * 60 * 60 * 1_000;

interface EvidenceFlags {
  from?: string;
  to?: string;
  check?: string;
  dir: string;
}

export const evidenceCommand = makeCommand<EvidenceFlags>({
  usage: "evidence [run]",
  summary: "what an auditor asks for: who approved what, before and after, as a chain of files",
  examples: [
    ["bulkpatch evidence brave-otter", "one run: its plan, approval, every row before and after, request ids"],
    [
      "bulkpatch evidence --from 2026-10-01 --to 2026-10-31",
      "every run, occasion, skip, hold and approval of a period",
    ],
    [
      "bulkpatch evidence --check bulkpatch-evidence/0007-run-brave-otter.json",
      "is it, byte for byte, what was written?",
    ],
  ],
  options: (command) =>
    command
      .option("--from <date>", "the first day of a period, like 2026-10-01 (UTC)")
      .option("--to <date>", "the last day of it")
      .option("--check <file>", "check a file and those before it")
      .option("--dir <folder>", "where the files go", "bulkpatch-evidence"),
  needsApi: false,
  run: async ([id], { flags, config, terminal }) => {
    const { check } = flags;
    const period = periodOf(flags);
    if ([id, check, period].filter((one) => one !== undefined && one !== null).length !== 1) {
      throw new UsageError(
        "evidence: expected a run, a period or --check, and only one of them",
        "write bulkpatch evidence RUN, or --from DATE --to DATE, or --check FILE",
      );
    }
    if (check !== undefined) await showCheck(check, terminal);
    else {
      await withSession(config, terminal, async (session) => {
        const folder = resolve(flags.dir);
        const path = period === null ? await ofRun(session, id!, folder) : await ofPeriod(session, period, folder);
        terminal.print(path);
        terminal.printJson({ file: path });
      });
    }
    return EXIT.done;
  },
});

async function ofRun({ backend, by, terminal }: Session, id: string, folder: string): Promise<string> {
  const run = await findRun(backend, id);
  if (!isOver(run.state))
    terminal.note(`Run ${run.id} is ${run.state}: rows that have not ended are listed without an outcome.`);
  const occasion = await occasionOfRun(backend.schedules, run.id, run.createdAt);
  return await addEvidence(folder, `run-${run.id}`, { now: Date.now(), by }, (head) =>
    renderRunEvidence(head, {
      run,
      rows: () => backend.rows.all(run.id),
      approval: approvalOf(run, occasion),
      occasion: occasion && occasionEvidence(occasion),
    }),
  );
}

function approvalOf({ events, createdAt }: Run, occasion: Occasion | null): Approval {
  const started = { by: events[0]?.by ?? "unknown", at: events[0]?.at ?? createdAt };
  if (occasion === null) return { ...started, onBehalfOf: null, how: "started the run" };
  const onBehalfOf = occasion.schedule;
  if (occasion.approvedBy) return { ...occasion.approvedBy, onBehalfOf, how: "approved the held plan by its digest" };
  return { ...started, onBehalfOf, how: "within the schedule's limits, so that nobody had to be asked" };
}

async function ofPeriod({ backend, by }: Session, { from, to }: Period, folder: string): Promise<string> {
  const days = [from, to - 1].map((at) => new Date(at).toISOString().slice(0, 10)).join("-to-");
  return await addEvidence(folder, `period-${days}`, { now: Date.now(), by }, (head) =>
    renderPeriodEvidence(head, {
      from,
      to,
      runs: runsOf(backend.runs, from, to),
      occasions: occasionsOfPeriod(backend.schedules, from, to),
      schedules: schedulesAsEvidence(backend.schedules),
    }),
  );
}

async function* runsOf(runs: RunStore, from: number, to: number): AsyncGenerator<Run> {
  for (let after: string | null | undefined; after !== null;) {
    const page = await runs.page({ from, to, after, limit: 200 });
    yield* page.runs;
    after = page.next;
  }
}

async function showCheck(path: string, terminal: Terminal): Promise<void> {
  const found = await checkEvidence(resolve(path));
  const { file, before, missing } = found;
  terminal.print(
    `${file} is as it was written${before.length === 0 ? "" : `, and so ${before.length === 1 ? "is" : "are"} ${countOf(before.length, "file")} before it`}.`,
  );
  if (missing !== null)
    terminal.note(`${missing}, which comes before, is not here: the chain can't be followed further.`);
  terminal.printJson(found);
}

interface Period {
  from: number;
  /** Not part of it. */
  to: number;
}

function periodOf({ from, to }: EvidenceFlags): Period | null {
  if (from === undefined && to === undefined) return null;
  if (from === undefined || to === undefined) {
    throw new UsageError(
      "evidence: --from and --to belong together",
      "write it like --from 2026-10-01 --to 2026-10-31",
    );
  }
  const period = { from: dayOf("--from", from), to: dayOf("--to", to) + DAY };
  if (period.from < period.to) return period;
  throw new UsageError(`evidence: --to ${to} is before --from ${from}`, "name the first day first");
}

function dayOf(flag: string, text: string): number {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new UsageError(`${flag}: expected a day like 2026-10-01, found "${text}"`, "write year, month and day");
}
