import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Backend, RecordedResult, WorkerInfo } from "../src/backends/backend.ts";
import type { RegistryClient, RequestInfo } from "../src/registry/client.ts";
import type { Run } from "../src/runs/run.ts";
import { refillEmptyQueue, settle } from "../src/runs/settle.ts";
import { totalOf } from "../src/runs/outcome.ts";
import { RunWorker } from "./run-worker.ts";

/*
 * A crew is one process's share of the work. A few times a second it looks which runs there are and what was asked of them:
 * it starts a worker for each run that is `running`, stops it when that changes, and settles what came to rest. It can die at
 * any instant; whatever crew looks next goes on.
 */

const SECOND = 1_000;
const LOOK_EVERY = 250;
const HEARTBEAT_EVERY = 5 * SECOND;
const HEARTBEAT_HOLDS = 15 * SECOND;
/** A running run without any progress for this long has its queue looked at. */
const STUCK_AFTER = 60 * SECOND;

export interface CrewOptions {
  backend: Backend;
  /** Only runs of this account are worked on. */
  accountId: string;
  connect: (onRequest: (info: RequestInfo) => void) => RegistryClient;
  concurrency: number;
  by: string;
  /** Work on this run only; left out: on every run. */
  only?: string;
  now?: () => number;
  retryDelayMs?: (attemptsMade: number) => number;
  onError?: (error: Error, runId: string | null) => void;
  onRecorded?: (runId: string, recorded: RecordedResult) => void;
  onStateSeen?: (run: Run) => void;
}

export class Crew {
  readonly info: WorkerInfo;
  readonly #options: CrewOptions;
  readonly #workers = new Map<string, RunWorker>();
  readonly #lastProgress = new Map<string, { ended: number; at: number }>();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();
  #lastHeartbeat = 0;
  #stopping = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.info = { id: randomUUID(), host: hostname(), pid: process.pid, startedAt: this.#now() };
  }

  /** Looks once, then again and again until `stop`. */
  async start(): Promise<void> {
    await this.#look();
    this.#scheduleLook();
  }

  /** Gives back what is not yet sent, waits for what is in flight, and leaves. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all([...this.#workers.values()].map((worker) => worker.stop()));
    this.#workers.clear();
    await this.#signOff().catch((error: Error) => this.#options.onError?.(error, null));
  }

  #scheduleLook(): void {
    if (this.#stopping) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().catch((error: Error) => this.#options.onError?.(error, null));
      void this.#looking.finally(() => this.#scheduleLook());
    }, LOOK_EVERY);
  }

  async #look(): Promise<void> {
    await this.#heartbeat();
    const { backend, only } = this.#options;
    const seen = await backend.runs.inStates(["planning", "queueing", "running", "pausing", "cancelling"]);
    const wanted = seen.filter(({ id }) => only === undefined || id === only);
    const running = new Set(wanted.filter(({ state }) => state === "running").map(({ id }) => id));
    for (const worker of this.#workers.values()) if (!running.has(worker.runId)) this.#dismiss(worker);
    for (const { id } of wanted) await this.#attend(id);
  }

  async #attend(runId: string): Promise<void> {
    const { backend, accountId, by, onStateSeen } = this.#options;
    await this.#workers.get(runId)?.flushCounts();
    const run = await settle(backend, runId, by, this.#now);
    if (!run || run.accountId !== accountId) return;
    onStateSeen?.(run);
    if (run.state === "running") {
      if (!this.#workers.has(runId) && !this.#stopping) this.#hire(run);
      await this.#refillIfStuck(run);
    }
  }

  #hire(run: Run): void {
    const { backend, connect, concurrency, by, retryDelayMs, onError, onRecorded } = this.#options;
    this.#workers.set(
      run.id,
      new RunWorker({
        backend,
        run,
        connect,
        concurrency,
        by,
        now: this.#now,
        retryDelayMs,
        onError: (error) => onError?.(error, run.id),
        onRecorded: (recorded) => onRecorded?.(run.id, recorded),
      }),
    );
  }

  /** Does not wait: what is in flight may take half a minute, and the other runs must not. */
  #dismiss(worker: RunWorker): void {
    worker
      .stop()
      .catch((error: Error) => this.#options.onError?.(error, worker.runId))
      .finally(() => {
        this.#workers.delete(worker.runId);
        this.#lastProgress.delete(worker.runId);
      });
  }

  /** A job can be lost with a datastore that forgets (a Redis without persistence); its row is not. */
  async #refillIfStuck(run: Run): Promise<void> {
    const ended = totalOf(run.outcomes);
    const last = this.#lastProgress.get(run.id);
    if (!last || last.ended !== ended) {
      this.#lastProgress.set(run.id, { ended, at: this.#now() });
    } else if (this.#now() - last.at > STUCK_AFTER) {
      last.at = this.#now();
      await refillEmptyQueue(this.#options.backend, run);
    }
  }

  async #heartbeat(): Promise<void> {
    if (this.#now() - this.#lastHeartbeat < HEARTBEAT_EVERY) return;
    const { backend, only } = this.#options;
    if (only === undefined) await backend.runs.heartbeat(this.info, HEARTBEAT_HOLDS);
    else await backend.runs.lease(attendance(only), this.info.id, HEARTBEAT_HOLDS);
    this.#lastHeartbeat = this.#now();
  }

  async #signOff(): Promise<void> {
    const { backend, only } = this.#options;
    if (only === undefined) await backend.runs.retire(this.info.id);
    else await backend.runs.releaseLease(attendance(only), this.info.id);
  }
}

/** Whether some process is alive that works on this run: a worker, or a command that stays with it. */
export async function somebodyWorksOn({ runs }: Pick<Backend, "runs">, runId: string): Promise<boolean> {
  return (await runs.workers()).length > 0 || (await runs.leaseOwner(attendance(runId))) !== null;
}

/** The lease by which a process that works on one run only says that it is alive. */
function attendance(runId: string): string {
  return `attended:${runId}`;
}
