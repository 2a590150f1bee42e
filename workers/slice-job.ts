import { type Job, type Queue, WaitingError } from "bullmq";
import { BackendError } from "../src/backends/backend-error.ts";
import { jobIdOf, rowsWithJobs } from "../src/runs/run-queue.ts";
import type { RowJob, RunJob, SliceJob } from "../src/runs/run-home.ts";
import type { RunOptions, RunRow } from "../src/runs/run.ts";
import type { Lanes } from "./lanes.ts";
import { outageDelayMs } from "./outage-delay.ts";
import { attemptRow, type Next, type RowContext } from "./row-attempt.ts";
import { giveBack } from "./row-job.ts";

/** What the jobs of one run share in one process. */
export interface SliceContext extends RowContext {
  /** Of the run: rows that wait for a better hour go there. */
  queue: Queue<RunJob>;
  options: Pick<RunOptions, "attempts" | "backoffMs">;
  /** One: the rows of a slice are begun when those of the slice before have been. */
  turns: Lanes;
  /** Ids of jobs that another process has taken up, because this one was frozen or cut off. */
  lostJobs: Set<string>;
  /** Told how many rows a slice turned out to carry. */
  onSlice: (rows: number) => void;
}

/** A row that was read so long ago is read again before it is sent: somebody else may have seen to it. */
const STALE_MS = 2_000;

/**
 * One go at a BullMQ job that carries a slice of rows: those without an outcome are sent, as many at a time as there are lanes.
 * A row that must be tried again goes into a job of its own; when all others have their outcome, the slice is done. Rows that
 * were not begun, because this process was told to stop or nothing works just now, go back with the slice.
 */
export async function handleSliceJob(
  context: SliceContext,
  job: Job<SliceJob>,
  token: string | undefined,
): Promise<void> {
  const { lostJobs, onSlice, gate, signal } = context;
  lostJobs.delete(job.id!);
  const slice = new Slice(context, job);
  const positions = await slice.open();
  onSlice(positions?.length ?? 0);
  const back = positions === null ? null : await sendRows(context, slice, positions);
  if (back?.size === 0) return;
  if (lostJobs.has(job.id!)) throw new WaitingError();
  if (back !== null) await noteBegun(job, back);
  const waits = await giveBack(job, token);
  // It is another worker's now, if that has more luck; this one takes nothing up before the pause is over.
  await gate.rest(signal).catch(() => undefined);
  throw waits;
}

/** Rows by their position that go back with their slice. */
type GivenBack = ReadonlyMap<number, { begun: boolean }>;

async function sendRows(context: SliceContext, slice: Slice, positions: readonly number[]): Promise<GivenBack> {
  const { lanes, turns, options } = context;
  const left = options.attempts - 1;
  const back = new Map<number, { begun: boolean }>();
  const attempt = async (n: number, leave: () => void): Promise<void> => {
    const find = async () => await slice.find(n);
    const next = await attemptRow(context, { n, find, waits: false, tried: 0, left, readBack: false }, leave);
    const came = next.kind === "later" ? await giveOwnJob(context, n, next) : next;
    if (came.kind === "give-back") back.set(n, came);
  };
  // A row is nothing but its number until it has a lane: hundreds of them wait.
  const attempts: Promise<void>[] = [];
  const endTurn = await turns.enter();
  for (const n of positions) attempts.push(attempt(n, await lanes.enter()));
  endTurn();
  await Promise.all(attempts);
  return back;
}

/** Says which rows were begun and did not end. Where that fails, all of them count as begun. */
async function noteBegun(job: Job<SliceJob>, back: GivenBack): Promise<void> {
  const before = job.data.begun?.rows ?? [];
  const rows = [...back].flatMap(([n, { begun }]) => (begun || before.includes(n) ? [n] : []));
  await job.updateData({ ...job.data, begun: { rows, takes: job.attemptsStarted } }).catch(() => undefined);
}

/** The rows of a slice that are still to be sent. */
class Slice {
  readonly #context: SliceContext;
  readonly #job: Job<SliceJob>;
  #rows: ReadonlyMap<number, RunRow> | null = null;
  #reading: Promise<void> | null = null;
  #readAt = 0;

  constructor(context: SliceContext, job: Job<SliceJob>) {
    this.#context = context;
    this.#job = job;
  }

  /** Reads the rows, and answers the positions of those that are the slice's to send; null where the backend is away. */
  async open(): Promise<number[] | null> {
    try {
      await this.#read();
      const positions = [...this.#rows!.keys()];
      const { data, attemptsStarted } = this.#job;
      if (attemptsStarted === 1 && data.again !== true) return positions;
      const own = await rowsWithJobs(this.#context.queue, positions);
      return positions.filter((n) => !own.has(n));
    } catch (error) {
      if (this.#context.signal.aborted || error instanceof BackendError) return null;
      this.#context.onError(error as Error);
      const { n, to } = this.#job.data;
      // A bug that concerns one row must not cost the others: each is read by itself.
      return Array.from({ length: to - n + 1 }, (_, i) => n + i);
    }
  }

  /** The row as it is now; null where it has ended. */
  async find(n: number): Promise<RunRow | "not ours" | null> {
    if (this.#context.lostJobs.has(this.#job.id!)) return "not ours";
    if (this.#rows === null) return await this.#context.rows.get(this.#context.runId, n);
    if (performance.now() - this.#readAt > STALE_MS) await (this.#reading ??= this.#read());
    return this.#rows.get(n) ?? null;
  }

  async #read(): Promise<void> {
    const { rows, runId } = this.#context;
    const { n, to } = this.#job.data;
    const readAt = performance.now();
    try {
      const found = await rows.outstandingIn(runId, n, to);
      this.#rows = new Map(found.map((row) => [row.n, row]));
      this.#readAt = readAt;
    } finally {
      this.#reading = null;
    }
  }
}

/** As if the row had had one from the beginning, and failed once. */
async function giveOwnJob(
  { queue, options, onError }: SliceContext,
  n: number,
  { tried, askedMs }: Extract<Next, { kind: "later" }>,
): Promise<Next> {
  const data: RowJob = { n, tried, failed: 1 };
  const opts = {
    jobId: jobIdOf(data),
    attempts: options.attempts - 1,
    backoff: { type: "outage" },
    delay: outageDelayMs(1, { firstMs: options.backoffMs, askedMs }),
  };
  try {
    await queue.addBulk([{ name: "update", data, opts }]);
    return { kind: "done" };
  } catch (error) {
    onError(error as Error);
    return { kind: "give-back", begun: true };
  }
}
