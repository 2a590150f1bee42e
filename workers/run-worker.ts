import type { Job, Queue, Worker } from "bullmq";
import type { Backend } from "../src/backends/backend.ts";
import type { RowJob, RunJob, SliceJob } from "../src/runs/run-home.ts";
import type { CountedRequests, RecordedResult } from "../src/runs/row-store.ts";
import type { RegistryClient, RequestInfo } from "../src/registry/client.ts";
import { moveRun } from "../src/runs/move-run.ts";
import type { Run } from "../src/runs/run.ts";
import { Batcher } from "./batcher.ts";
import { jobTelemetry } from "./job-telemetry.ts";
import { Lanes } from "./lanes.ts";
import { outageDelayMs, TryLaterError } from "./outage-delay.ts";
import { OutageGate } from "./outage-gate.ts";
import { handleRowJob } from "./row-job.ts";
import { RequestTally } from "./request-tally.ts";
import { SameErrorStreak } from "./same-error-streak.ts";
import { handleSliceJob, type SliceContext } from "./slice-job.ts";
import { reportWorkerErrors } from "./worker-errors.ts";

export interface RunWorkerOptions {
  backend: Backend;
  run: Run;
  /** Makes the client with which this run's requests are sent; it is closed with the worker. */
  connect: (onRequest: (info: RequestInfo) => void) => RegistryClient;
  /** Rows at a time. */
  concurrency: number;
  by: string;
  now: () => number;
  /** How long a job stays with a process that fell silent. */
  lockMs: number;
  onError: (error: Error) => void;
  onRecorded?: (recorded: RecordedResult) => void;
  /** The queue is empty and nothing is in hand: the run may be complete. */
  onIdle?: () => void;
}

/** A batch costs a datastore as much as dozens of rows do, so a run without a limit gives it 50 a second. */
const RECORDING = { most: 250, apartMs: 20 };

/** One process's work on one run: a BullMQ worker on the run's queue, its client, and what they count. */
export class RunWorker {
  readonly runId: string;
  readonly #options: RunWorkerOptions;
  readonly #stop = new AbortController();
  readonly #client: RegistryClient;
  readonly #queue: Queue<RunJob>;
  readonly #worker: Worker<RunJob>;
  readonly #tally = new RequestTally();
  #stopped: Promise<void> | null = null;
  #inHand = 0;
  /** Rows that a job carries, by the last ones. */
  #rowsAJob: number;
  #halted = false;

  constructor(options: RunWorkerOptions) {
    const { backend, run, connect, concurrency, by, now, lockMs, onError, onRecorded } = options;
    const firstMs = run.options.backoffMs;
    this.runId = run.id;
    this.#options = options;
    this.#client = connect((info) => this.#tally.add(info, now()));
    this.#queue = backend.queue(run.id);
    this.#rowsAJob = run.options.rowsAJob ?? 1;
    const streak = new SameErrorStreak(backend.runs, run, by, now);
    const context: SliceContext = {
      runId: run.id,
      options: run.options,
      queue: this.#queue,
      rows: backend.rows,
      registry: this.#client,
      recorder: new Batcher<RecordedResult>(async (results) => {
        // With what they took: with the last outcome the run is over, and its report counts the requests.
        await backend.rows.record(run.id, results, this.#takeCounts());
      }, RECORDING),
      lanes: new Lanes(concurrency),
      turns: new Lanes(1),
      gate: new OutageGate({
        firstPauseMs: firstMs,
        onClosed: (pauseMs) => {
          this.#worker.concurrency = 1;
          onError(new Error(`the API did not answer several rows in a row, nothing is sent for ${seconds(pauseMs)}`));
        },
        onOpened: () => {
          this.#worker.concurrency = this.#jobsAtATime();
        },
      }),
      lostJobs: new Set(),
      onSlice: (rows) => {
        this.#rowsAJob = Math.max(1, (this.#rowsAJob + rows) / 2);
        if (!context.gate.isClosed) this.#worker.concurrency = this.#jobsAtATime();
      },
      signal: this.#stop.signal,
      now,
      onRecorded: async (recorded: RecordedResult) => {
        onRecorded?.(recorded);
        if (await streak.see(recorded.result)) this.stop().catch(onError);
      },
      onHalt: (reason: string) => this.#halt(reason),
      onError,
    };
    const handle = async (job: Job<RunJob>, token: string | undefined): Promise<void> =>
      "to" in job.data
        ? await handleSliceJob(context, job as Job<SliceJob>, token)
        : await handleRowJob(context, job as Job<RowJob>, token);
    this.#worker = backend.worker(run.id, (job, token) => this.#inHandWhile(handle(job, token)), {
      concurrency: this.#jobsAtATime(),
      lockDuration: lockMs,
      stalledInterval: lockMs / 3,
      ...jobTelemetry(),
      settings: {
        backoffStrategy: (attemptsMade, _type, error, job) =>
          outageDelayMs(attemptsMade + failedBefore(job?.data as RunJob), {
            firstMs,
            askedMs: error instanceof TryLaterError ? error.askedMs : null,
          }),
      },
    });
    this.#worker.on("error", reportWorkerErrors(backend, onError));
    this.#worker.on("lockRenewalFailed", (ids) => ids.forEach((id) => context.lostJobs.add(id)));
    this.#worker.on("drained", () => this.#lookWhetherIdle());
    this.#worker.run().catch(onError);
  }

  /** Takes no more rows, because it was told to or because it halted the run. */
  get isStopping(): boolean {
    return this.#stopped !== null;
  }

  /** Adds what was counted since the last call to the run's record. */
  async flushCounts(): Promise<void> {
    const counted = this.#takeCounts();
    const { backend, run } = this.#options;
    if (counted !== null) await backend.runs.addRequests(run.id, counted.counts, counted.traffic);
  }

  #takeCounts(): CountedRequests | null {
    const counted = this.#tally.take();
    const { accountId } = this.#options.run;
    return counted && { counts: counted.counts, traffic: { accountId, counts: counted.traffic } };
  }

  /** Enough that no lane is empty while one of them ends, and no more, as what is in hand is not another process's to send. */
  #jobsAtATime(): number {
    const { concurrency } = this.#options;
    return Math.min(concurrency, Math.ceil(concurrency / this.#rowsAJob) + 1);
  }

  /** Lets what is in flight end, gives the rest back, and closes. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopped ??= (async () => {
      const closed = this.#worker.close();
      this.#stop.abort(new Error("this process stops its work on the run"));
      await closed;
      await this.flushCounts();
      await this.#client.close();
      await this.#queue.close();
    })();
    await this.#stopped;
  }

  async #inHandWhile(attempt: Promise<void>): Promise<void> {
    this.#inHand += 1;
    try {
      await attempt;
    } finally {
      this.#inHand -= 1;
    }
  }

  /** The last of the jobs in hand finds the queue drained, or the drained queue finds no job in hand. */
  #lookWhetherIdle(): void {
    if (this.#inHand === 0) this.#options.onIdle?.();
    else this.#worker.once("completed", () => this.#lookWhetherIdle());
  }

  /** Names the process: where several work, it may be the only one whose credentials do not work. */
  async #halt(because: string): Promise<void> {
    if (this.#halted) return; // another answer that was on its way must not halt a run that was resumed meanwhile
    this.#halted = true;
    const { backend, by, now, onError } = this.#options;
    const message = `${because} (found by process ${process.pid} of ${by})`;
    try {
      await moveRun(backend.runs, this.runId, "halted", { by, now, reason: { code: "credentials", message } });
    } finally {
      this.stop().catch(onError); // where that was not recorded, the crew takes the run up again, and it is tried once more
    }
  }
}

/** Attempts that a row used up before it had its job. */
function failedBefore(data: RunJob): number {
  return "to" in data ? 0 : (data.failed ?? 0);
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 100) / 10} s`;
}
