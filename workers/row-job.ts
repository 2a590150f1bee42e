import { type Job, WaitingError } from "bullmq";
import type { RecordedResult, RowJob, RunStore } from "../src/backends/backend.ts";
import type { RegistryClient } from "../src/registry/client.ts";
import { eventOf } from "../src/runs/actor.ts";
import { statesBefore } from "../src/runs/states.ts";
import type { RunOptions } from "../src/runs/run.ts";
import type { Batcher } from "./batcher.ts";
import { updateRow, type Verdict } from "./update-row.ts";

/** What the jobs of one run share in one process. */
export interface RowJobContext {
  runId: string;
  options: RunOptions;
  runs: RunStore;
  registry: Pick<RegistryClient, "update" | "get">;
  recorder: Batcher<RecordedResult, void>;
  /** Aborted when this process is to send no more for the run. */
  signal: AbortSignal;
  by: string;
  now: () => number;
  /** Rows in a row that the API refused with the same error; pauses the run when there are too many. */
  onRecorded: (recorded: RecordedResult) => Promise<void>;
}

/** One attempt of one BullMQ job: try the row, decide, record its outcome once; or give the attempt back; or wait for a better hour. */
export async function handleRowJob(context: RowJobContext, job: Job<RowJob>, token: string | undefined): Promise<void> {
  if (context.signal.aborted) return await giveBack(job, token);
  const row = await context.runs.row(context.runId, job.data.n);
  if (!row || row.result || !row.changes) return; // ended already: by a worker that was slow, or taken for dead
  const verdict = await updateRow(row, context.registry, {
    signal: context.signal,
    now: context.now,
    triedBefore: job.data.tried ?? 0,
    readBack: job.data.readBack === true,
  });
  switch (verdict.kind) {
    case "ended":
      return await record(context, { n: row.n, result: verdict.result, provenance: verdict.provenance });
    case "try-again":
      return await tryAgainLater(context, job, verdict);
    case "halt":
      await halt(context, verdict.reason);
      return await giveBack(job, token);
    case "stopped":
      return await giveBack(job, token);
  }
}

async function record(context: RowJobContext, recorded: RecordedResult): Promise<void> {
  await context.recorder.add(recorded);
  await context.onRecorded(recorded);
}

async function tryAgainLater(
  context: RowJobContext,
  job: Job<RowJob>,
  verdict: Extract<Verdict, { kind: "try-again" }>,
): Promise<void> {
  const attemptsLeft = (job.opts.attempts ?? 1) - (job.attemptsMade + 1);
  if (attemptsLeft <= 0) {
    const message = `${verdict.result.message}; given up after ${verdict.result.attempts} requests`;
    return await record(context, { n: job.data.n, result: { ...verdict.result, message } });
  }
  await job.updateData({ ...job.data, tried: verdict.result.attempts });
  throw new Error(verdict.result.message ?? "a transient error");
}

/** Puts the job back as it was: being stopped is not the row's failure and uses up no attempt. */
async function giveBack(job: Job<RowJob>, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

async function halt({ runs, runId, by, now }: RowJobContext, reason: string): Promise<void> {
  await runs.move(runId, statesBefore("halted"), "halted", reason, eventOf("halted", by, now(), reason));
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** How long a row waits after its k-th failed attempt (from 1): 5 s doubling up to 5 min, half of it random so that rows don't come back together. */
export function outageDelayMs(attemptsMade: number, random: () => number = Math.random): number {
  const full = Math.min(5 * SECOND * 2 ** (attemptsMade - 1), 5 * MINUTE);
  return Math.round(full * (0.5 + random() / 2));
}
