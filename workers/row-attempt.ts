import { BackendError } from "../src/backends/backend-error.ts";
import type { RegistryClient } from "../src/registry/client.ts";
import type { RowResult } from "../src/runs/outcome.ts";
import type { RecordedResult, RowStore } from "../src/runs/row-store.ts";
import type { RunRow } from "../src/runs/run.ts";
import { type SpanFacts, traced } from "../src/tracing.ts";
import type { Batcher } from "./batcher.ts";
import type { Lanes } from "./lanes.ts";
import type { OutageGate, Sign } from "./outage-gate.ts";
import { updateRow, type Verdict } from "./update-row.ts";

/** What the rows of one run share in one process. */
export interface RowContext {
  runId: string;
  rows: RowStore;
  registry: Pick<RegistryClient, "update" | "get">;
  recorder: Batcher<RecordedResult>;
  gate: OutageGate;
  /** Each row that is being sent is in one of them. */
  lanes: Lanes;
  /** Aborted when this process is to send no more for the run. */
  signal: AbortSignal;
  now: () => number;
  /** Told after a row's outcome is recorded. */
  onRecorded: (recorded: RecordedResult) => Promise<void>;
  /** Told that no row can work; this process sends nothing more for the run when it returns. */
  onHalt: (reason: string) => Promise<void>;
  onError: (error: Error) => void;
}

/** One attempt at one row. */
export interface RowAttempt {
  n: number;
  /** The row as it is now; null where there is none. "not ours": another process has it now. */
  find: () => Promise<RunRow | "not ours" | null>;
  /** It may wait at the gate: nothing else waits with it. */
  waits: boolean;
  /** Requests of earlier attempts. */
  tried: number;
  /** Attempts that may follow. */
  left: number;
  readBack: boolean;
}

/** What came of one attempt. */
export type Next =
  /** The row has its outcome; `result` where it was recorded just now. */
  | { kind: "done"; result?: RowResult }
  /** Nothing is known, and the row is not to blame: it goes back as it was, with all its attempts. */
  | { kind: "give-back"; begun: boolean }
  /** This attempt is used up; another follows after a while. `tried`: requests so far. */
  | { kind: "later"; because: string; askedMs: number | null; tried: number };

/** Updated rows that may wait to be recorded while others are sent: a crash sends them again. */
const MOST_UNRECORDED = 250;

/** Tries a row once, in its lane, which it leaves: sends it, decides, and records its outcome once. Never rejects. */
export async function attemptRow(context: RowContext, attempt: RowAttempt, leave: () => void): Promise<Next> {
  try {
    const facts = { "bulkpatch.run.id": context.runId, "bulkpatch.row.number": attempt.n };
    const work = async (tell: (facts: SpanFacts) => void): Promise<Next> => {
      const next = await send(context, attempt, leave).catch((error: unknown) => explain(context, attempt, error));
      tell(factsOf(next));
      return next;
    };
    return await traced("row", facts, work, `${context.runId} ${attempt.n}`);
  } finally {
    leave();
  }
}

async function send(context: RowContext, attempt: RowAttempt, leave: () => void): Promise<Next> {
  const { registry, gate, signal, now, recorder } = context;
  if (signal.aborted || (gate.isBusy && !attempt.waits)) return { kind: "give-back", begun: false };
  const row = await attempt.find();
  if (row === "not ours") return { kind: "give-back", begun: false };
  if (!row || row.result || !row.changes) return { kind: "done" }; // ended already: by a worker that was slow, or taken for dead
  const { tried: triedBefore, readBack, left } = attempt;
  const verdict = await gate.pass(
    signal,
    () => updateRow(row, registry, { signal, now, triedBefore, readBack, lastTry: left === 0 }),
    signOf,
  );
  if (verdict === null) return { kind: "give-back", begun: false };
  switch (verdict.kind) {
    case "ended":
      // The next row need not wait for this one's record, unless there is more to learn from it.
      if (verdict.result.outcome === "updated" && recorder.size < MOST_UNRECORDED) leave();
      return await record(context, { n: row.n, result: verdict.result, provenance: verdict.provenance });
    case "try-again":
      return await tryAgainLater(context, attempt, verdict.result, verdict.waitMs);
    case "halt":
      await context.onHalt(verdict.reason);
      return { kind: "give-back", begun: true };
    case "stopped":
      return { kind: "give-back", begun: true };
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

async function record(context: RowContext, recorded: RecordedResult): Promise<Next> {
  await context.recorder.add(recorded);
  await context.onRecorded(recorded);
  return { kind: "done", result: recorded.result };
}

async function tryAgainLater(
  context: RowContext,
  { n, left }: RowAttempt,
  result: RowResult,
  askedMs: number | null,
): Promise<Next> {
  if (left > 0) {
    return { kind: "later", because: result.message ?? "a transient error", askedMs, tried: result.attempts };
  }
  const message = `${result.message}; given up after ${result.attempts} requests`;
  return await record(context, { n, result: { ...result, message } });
}

/** Being stopped, and a backend that is away, are not the row's failure. Anything else that is thrown is a bug, which must not go round for ever. */
async function explain(context: RowContext, attempt: RowAttempt, error: unknown): Promise<Next> {
  const giveBack: Next = { kind: "give-back", begun: true };
  if (context.signal.aborted || error instanceof BackendError) return giveBack;
  const { message } = error as Error;
  context.onError(error as Error);
  const result: RowResult = {
    outcome: "failed",
    message: `an unexpected error: ${message}`,
    httpStatus: null,
    apiCode: null,
    attempts: attempt.tried,
    finishedAt: context.now(),
    rayId: null,
  };
  return await tryAgainLater(context, attempt, result, null).catch(() => giveBack);
}
