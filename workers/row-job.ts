import { type Job, WaitingError } from "bullmq";
import { BackendError } from "../src/backends/backend-error.ts";
import type { RowJob } from "../src/runs/run-home.ts";
import type { RecordedResult, RowStore } from "../src/runs/row-store.ts";
import type { RegistryClient } from "../src/registry/client.ts";
import type { RowResult } from "../src/runs/outcome.ts";
import { type SpanFacts, traced } from "../src/tracing.ts";
import type { Batcher } from "./batcher.ts";
import { TryLaterError } from "./outage-delay.ts";
import type { OutageGate, Sign } from "./outage-gate.ts";
import { updateRow, type Verdict } from "./update-row.ts";

/** What the jobs of one run share in one process. */
export interface RowJobContext {
  runId: string;
  rows: RowStore;
  registry: Pick<RegistryClient, "update" | "get">;
  recorder: Batcher<RecordedResult, void>;
  gate: OutageGate;
  /** Aborted when this process is to send no more for the run. */
  signal: AbortSignal;
  now: () => number;
  /** Told after a row's outcome is recorded. */
  onRecorded: (recorded: RecordedResult) => Promise<void>;
  /** Told that no row can work; this process sends nothing more for the run when it returns. */
  onHalt: (reason: string) => Promise<void>;
  onError: (error: Error) => void;
}

type Next =
  /** The row has its outcome; `result` where it was recorded just now. */
  | { kind: "done"; result?: RowResult }
  /** Nothing is known, and the row is not to blame: it goes back as it was, with all its attempts. */
  | { kind: "give-back" }
  /** This attempt is used up; another follows after a while. */
  | { kind: "later"; because: string; askedMs: number | null };

/** One attempt of one BullMQ job: try the row, decide, record its outcome once; or give the attempt back; or wait for a better hour. */
export async function handleRowJob(context: RowJobContext, job: Job<RowJob>, token: string | undefined): Promise<void> {
  const facts = { "bulkpatch.run.id": context.runId, "bulkpatch.row.number": job.data.n };
  const next = await traced("row", facts, async (tell) => {
    const came = await attempt(context, job).catch((error: unknown) => explain(context, job, error));
    tell(factsOf(came));
    return came;
  });
  switch (next.kind) {
    case "done":
      return;
    case "give-back":
      // Where that fails, the job's lock runs out, and another worker finds it.
      await job.moveToWait(token).catch(() => undefined);
      throw new WaitingError();
    case "later":
      throw new TryLaterError(next.because, next.askedMs);
  }
}

async function attempt(context: RowJobContext, job: Job<RowJob>): Promise<Next> {
  const { rows, runId, registry, gate, signal, now } = context;
  if (signal.aborted) return { kind: "give-back" };
  const row = await rows.get(runId, job.data.n);
  if (!row || row.result || !row.changes) return { kind: "done" }; // ended already: by a worker that was slow, or taken for dead
  const triedBefore = job.data.tried ?? 0;
  const readBack = job.data.readBack === true;
  const lastTry = triesLeft(job) === 0;
  const verdict = await gate.pass(
    signal,
    () => updateRow(row, registry, { signal, now, triedBefore, readBack, lastTry }),
    signOf,
  );
  if (verdict === null) return { kind: "give-back" };
  switch (verdict.kind) {
    case "ended":
      return await record(context, { n: row.n, result: verdict.result, provenance: verdict.provenance });
    case "try-again":
      return await tryAgainLater(context, job, verdict.result, verdict.waitMs);
    case "halt":
      await context.onHalt(verdict.reason);
      return { kind: "give-back" };
    case "stopped":
      return { kind: "give-back" };
  }
}

function factsOf(next: Next): SpanFacts {
  if (next.kind !== "done") return { "bulkpatch.row.outcome": next.kind };
  if (next.result === undefined) return { "bulkpatch.row.outcome": "ended before" };
  const { outcome, attempts } = next.result;
  return { "bulkpatch.row.outcome": outcome, "bulkpatch.row.attempts": attempts };
}

function signOf(verdict: Verdict): Sign {
  if (verdict.kind === "try-again") return verdict.waitMs === null ? "failed" : { askedMs: verdict.waitMs };
  return verdict.kind === "stopped" ? "unknown" : "answered";
}

/** Tries that follow the one under way. */
function triesLeft(job: Job<RowJob>): number {
  return Math.max(0, (job.opts.attempts ?? 1) - (job.attemptsMade + 1));
}

async function record(context: RowJobContext, recorded: RecordedResult): Promise<Next> {
  await context.recorder.add(recorded);
  await context.onRecorded(recorded);
  return { kind: "done", result: recorded.result };
}

async function tryAgainLater(
  context: RowJobContext,
  job: Job<RowJob>,
  result: RowResult,
  askedMs: number | null,
): Promise<Next> {
  if (triesLeft(job) === 0) {
    const message = `${result.message}; given up after ${result.attempts} requests`;
    return await record(context, { n: job.data.n, result: { ...result, message } });
  }
  await job.updateData({ ...job.data, tried: result.attempts });
  return { kind: "later", because: result.message ?? "a transient error", askedMs };
}

/** Being stopped, and a backend that is away, are not the row's failure. Anything else that is thrown is a bug, which must not go round for ever. */
async function explain(context: RowJobContext, job: Job<RowJob>, error: unknown): Promise<Next> {
  if (context.signal.aborted || error instanceof BackendError) return { kind: "give-back" };
  const { message } = error as Error;
  context.onError(error as Error);
  const result: RowResult = {
    outcome: "failed",
    message: `an unexpected error: ${message}`,
    httpStatus: null,
    apiCode: null,
    attempts: job.data.tried ?? 0,
    finishedAt: context.now(),
    rayId: null,
  };
  return await tryAgainLater(context, job, result, null).catch((): Next => ({ kind: "give-back" }));
}
