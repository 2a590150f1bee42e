import type { Worker } from "bullmq";
import type { Backend, RecordedResult, RowJob } from "../src/backends/backend.ts";
import type { RegistryClient, RequestInfo } from "../src/registry/client.ts";
import { eventOf } from "../src/runs/actor.ts";
import type { RequestCounts, Run } from "../src/runs/run.ts";
import { Batcher } from "./batcher.ts";
import { handleRowJob, outageDelayMs } from "./row-job.ts";

export interface RunWorkerOptions {
  backend: Backend;
  run: Run;
  /** Makes the client with which this run's requests are sent; it is closed with the worker. */
  connect: (onRequest: (info: RequestInfo) => void) => RegistryClient;
  /** Entries at a time. */
  concurrency: number;
  by: string;
  now: () => number;
  retryDelayMs?: (attemptsMade: number) => number;
  onError: (error: Error) => void;
  onRecorded?: (recorded: RecordedResult) => void;
}

/** One process's work on one run: a BullMQ worker on the run's queue, its client, and what they count. */
export class RunWorker {
  readonly runId: string;
  readonly #options: RunWorkerOptions;
  readonly #stop = new AbortController();
  readonly #client: RegistryClient;
  readonly #worker: Worker<RowJob>;
  #uncounted: RequestCounts = { total: 0, retries: 0, throttled: 0 };
  #sameError = 0;
  #stopped: Promise<void> | null = null;

  constructor(options: RunWorkerOptions) {
    const { backend, run, connect, concurrency, by, now, onError, retryDelayMs = outageDelayMs } = options;
    this.runId = run.id;
    this.#options = options;
    this.#client = connect((info) => this.#count(info));
    const recorder = new Batcher<RecordedResult, void>(async (results) => {
      await backend.runs.record(run.id, results);
      return results.map(() => undefined);
    });
    const context = {
      runId: run.id,
      options: run.options,
      runs: backend.runs,
      registry: this.#client,
      recorder,
      signal: this.#stop.signal,
      by,
      now,
      onRecorded: (recorded: RecordedResult) => this.#recorded(recorded),
    };
    this.#worker = backend.worker(run.id, (job, token) => handleRowJob(context, job, token), {
      concurrency,
      settings: { backoffStrategy: (attemptsMade) => retryDelayMs(attemptsMade) },
    });
    this.#worker.on("error", onError);
    this.#worker.run().catch(onError);
  }

  /** Adds what was counted since the last call to the run's record. */
  async flushCounts(): Promise<void> {
    const counted = this.#uncounted;
    if (counted.total === 0) return;
    this.#uncounted = { total: 0, retries: 0, throttled: 0 };
    await this.#options.backend.runs.addRequests(this.runId, counted);
  }

  /** Lets what is in flight end, gives the rest back, and closes. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopped ??= (async () => {
      const closed = this.#worker.close();
      this.#stop.abort();
      await closed;
      await this.flushCounts();
      await this.#client.close();
    })();
    await this.#stopped;
  }

  #count(info: RequestInfo): void {
    this.#uncounted.total += 1;
    if (info.retry) this.#uncounted.retries += 1;
    if (info.status === 429) this.#uncounted.throttled += 1;
  }

  /** The same refusal on many rows in a row is seldom about the rows: pause and ask. */
  async #recorded(recorded: RecordedResult): Promise<void> {
    this.#options.onRecorded?.(recorded);
    const { backend, run, by, now } = this.#options;
    const { outcome, httpStatus, apiCode, message } = recorded.result;
    const most = run.options.pauseAfterSameError;
    if (most === 0) return;
    if (outcome === "rejected_by_api") {
      this.#sameError = await backend.runs.streak(run.id, `${httpStatus} ${apiCode}`);
      if (this.#sameError >= most) {
        const reason = `the API refused ${this.#sameError} rows in a row with ${httpStatus} ${apiCode ?? ""} "${message}"; look at one of them, then \`bulkpatch resume ${run.id}\` or \`bulkpatch cancel ${run.id}\``;
        await backend.runs.move(run.id, ["running"], "pausing", reason, eventOf("pausing", by, now(), reason));
        this.#sameError = 0;
        await backend.runs.streak(run.id, null);
      }
    } else if (this.#sameError > 0) {
      this.#sameError = 0;
      await backend.runs.streak(run.id, null);
    }
  }
}
