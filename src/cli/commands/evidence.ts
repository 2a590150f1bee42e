import { resolve } from "node:path";
import { addEvidence, checkEvidence } from "../../report/evidence-chain.ts";
import { type Approval, renderPeriodEvidence, renderRunEvidence } from "../../report/evidence.ts";
import { findRun } from "../../runs/control.ts";
import type { RunStore } from "../../runs/run-store.ts";
import type { Run } from "../../runs/run.ts";
import { isOver } from "../../runs/states.ts";
import type { Occasion } from "../../schedules/occasion.ts";
import { occasionOfRun, occasionsOfPeriod, schedulesAsEvidence } from "../../schedules/schedule-evidence.ts";
import { occasionSummary } from "../../schedules/view.ts";
import { countOf } from "../../wording.ts";
import { EXIT } from "../exit-codes.ts";
import { type Session, withSession } from "../session.ts";
import type { Terminal } from "../terminal.ts";
import type { evidenceUsage, Period } from "../usage/evidence.ts";
import type { Work } from "../usage.ts";

export const doEvidence: Work<typeof evidenceUsage> = async ({ id, check, period, dir }, { config, terminal }) => {
  if (check !== undefined) await showCheck(check, terminal);
  else {
    await withSession(config, terminal, async (session) => {
      const folder = resolve(dir);
      const path = period === null ? await ofRun(session, id!, folder) : await ofPeriod(session, period, folder);
      terminal.print(path);
      terminal.printJson({ file: path });
    });
  }
  return EXIT.done;
};

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
      occasion: occasion && occasionSummary(occasion),
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
