import type { Worker } from "bullmq";
import type { Backend } from "../src/backends/backend.ts";
import type { RowJob } from "../src/runs/run-home.ts";
import type { RecordedResult } from "../src/runs/row-store.ts";
import type { RegistryClient, RequestInfo } from "../src/registry/client.ts";
import { moveRun } from "../src/runs/move-run.ts";
import type { Run } from "../src/runs/run.ts";
import { Batcher } from "./batcher.ts";
import { outageDelayMs, TryLaterError } from "./outage-delay.ts";
import { OutageGate } from "./outage-gate.ts";
import { handleRowJob } from "./row-job.ts";
import { RequestTally } from "./request-tally.ts";
import { SameErrorStreak } from "./same-error-streak.ts";
import { reportWorkerErrors } from "./worker-errors.ts";

export interface RunWorkerOptions {
  backend: Backend;
  run: Run;
  /** Makes the client with which this run's requests are sent; it is closed with the worker. */
  connect: (onRequest: (info: RequestInfo) => void) => RegistryClient;
  /** Entries at a time. */
  concurrency: number;
  by: string;
  now: () => number;
  /** How long a row stays with a process that fell silent. */
  lockMs: number;
  onError: (error: Error) => void;
  onRecorded?: (recorded: RecordedResult) => void;
  /** The queue is empty and nothing is in hand: the run may be complete. */
  onIdle?: () => void;
}

/** One process's work on one run: a BullMQ worker on the run's queue, its client, and what they count. */
export class RunWorker {
  readonly runId: string;
  readonly #options: RunWorkerOptions;
  readonly #stop = new AbortController();
  readonly #client: RegistryClient;
  readonly #worker: Worker<RowJob>;
  readonly #tally = new RequestTally();
  #stopped: Promise<void> | null = null;
  #inHand = 0;
  #halted = false;

  constructor(options: RunWorkerOptions) {
    const { backend, run, connect, concurrency, by, now, lockMs, onError, onRecorded } = options;
    const firstMs = run.options.backoffMs;
    this.runId = run.id;
    this.#options = options;
    this.#client = connect((info) => this.#tally.add(info, now()));
    const streak = new SameErrorStreak(backend.runs, run, by, now);
    const context = {
      runId: run.id,
      rows: backend.rows,
      registry: this.#client,
      recorder: new Batcher<RecordedResult, void>(async (results) => {
        // Together, and what they took first: with the last outcome the run is over, and its report counts the requests.
        await Promise.all([this.flushCounts(), backend.rows.record(run.id, results)]);
        return results.map(() => undefined);
      }),
      gate: new OutageGate({
        firstPauseMs: firstMs,
        onClosed: (pauseMs) => {
          this.#worker.concurrency = 1;
          onError(new Error(`the API did not answer several rows in a row, nothing is sent for ${seconds(pauseMs)}`));
        },
        onOpened: () => {
          this.#worker.concurrency = concurrency;
        },
      }),
      signal: this.#stop.signal,
      now,
      onRecorded: async (recorded: RecordedResult) => {
        onRecorded?.(recorded);
        if (await streak.see(recorded.result)) this.stop().catch(onError);
      },
      onHalt: (reason: string) => this.#halt(reason),
      onError,
    };
    this.#worker = backend.worker(run.id, (job, token) => this.#inHandWhile(handleRowJob(context, job, token)), {
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs / 3,
      settings: {
        backoffStrategy: (attemptsMade, _type, error) =>
          outageDelayMs(attemptsMade, { firstMs, askedMs: error instanceof TryLaterError ? error.askedMs : null }),
      },
    });
    this.#worker.on("error", reportWorkerErrors(backend, onError));
    this.#worker.on("drained", () => this.#lookWhetherIdle());
    this.#worker.run().catch(onError);
  }

  /** Takes no more rows, because it was told to or because it halted the run. */
  get isStopping(): boolean {
    return this.#stopped !== null;
  }

  /** Adds what was counted since the last call to the run's record. */
  async flushCounts(): Promise<void> {
    const counted = this.#tally.take();
    if (counted === null) return;
    const { backend, run } = this.#options;
    await backend.runs.addRequests(run.id, counted.counts, { accountId: run.accountId, counts: counted.traffic });
  }

  /** Lets what is in flight end, gives the rest back, and closes. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopped ??= (async () => {
      const closed = this.#worker.close();
      this.#stop.abort(new Error("this process stops its work on the run"));
      await closed;
      await this.flushCounts();
      await this.#client.close();
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

function seconds(ms: number): string {
  return `${Math.ceil(ms / 100) / 10} s`;
}
