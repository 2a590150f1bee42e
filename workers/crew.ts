import { randomUUID } from "node:crypto";
import type { Worker } from "bullmq";
import type { Backend } from "../src/backends/backend.ts";
import type { RunJob } from "../src/runs/run-home.ts";
import type { WorkerInfo } from "../src/runs/presence.ts";
import type { RecordedResult } from "../src/runs/row-store.ts";
import type { RegistryClient, RequestInfo } from "../src/registry/client.ts";
import {
  presentWorkers,
  processHost,
  SAY_SO_EVERY_MS,
  sayLeft,
  sayPresent,
  somebodyWorksOn,
} from "../src/runs/attendance.ts";
import { compareRun, isCompareDue } from "../src/plan/compare-run.ts";
import { HaltError } from "../src/registry/errors.ts";
import { moveRun } from "../src/runs/move-run.ts";
import { totalOf } from "../src/runs/outcome.ts";
import { RunError } from "../src/runs/run-error.ts";
import { takeBackAbandoned } from "../src/runs/run-queue.ts";
import { tryProducerLease } from "../src/runs/producer-lease.ts";
import type { Run, RunState } from "../src/runs/run.ts";
import { canBeCompletedByAnybody, refillEmptyQueue, settle } from "../src/runs/settle.ts";
import { queueRun } from "../src/runs/start-run.ts";
import { RunWorker } from "./run-worker.ts";
import { reportWorkerErrors } from "./worker-errors.ts";

/*
 * A crew is one process's share of the work. A few times a second it looks which runs there are and what was asked of them:
 * it starts a worker for each run that is `running`, stops it when that changes, settles what came to rest, and completes the
 * queueing of a run whose producer died. It can die at any instant; whatever crew looks next goes on.
 */

const SECOND = 1_000;
/** Milliseconds from one look to the next. */
export const LOOK_EVERY = 250;
/** The same where nothing is to be done. */
export const LOOK_EVERY_WHEN_IDLE = 500;
const LOOK_ANYWAY_EVERY = 10 * SECOND;
/** A running run without any progress for this long has its queue looked at. */
const STUCK_AFTER = 60 * SECOND;
const RETRY_COMPARE_AFTER = 5 * SECOND;
const LOCK = 15 * SECOND;

const WATCHED: readonly RunState[] = ["planning", "queueing", "running", "pausing", "cancelling", "interrupted"];
/** Nothing is sent in these, but a worker that died may still seem to have rows in hand. */
const COMING_TO_REST: readonly RunState[] = ["pausing", "cancelling"];

export interface CrewOptions {
  backend: Backend;
  /** Only runs of this account are worked on. */
  accountId: string;
  connect: (onRequest?: (info: RequestInfo) => void) => RegistryClient;
  concurrency: number;
  by: string;
  /** Work on this run only; left out: on every run. */
  only?: string;
  now?: () => number;
  /** How long a row stays with a process that fell silent before another takes it up, default 15 s. */
  lockMs?: number;
  onError?: (error: Error, runId: string | null) => void;
  onRecorded?: (runId: string, recorded: RecordedResult) => void;
  onStateSeen?: (run: Run) => void;
}

/** One process's share of the work on the runs of an account, or on one of them. `start` it once; it works until `stop`. */
export class Crew {
  readonly info: WorkerInfo;
  readonly #options: CrewOptions;
  readonly #workers = new Map<string, RunWorker>();
  /** Those that were told to stop, until they have. */
  readonly #leaving = new Set<Promise<void>>();
  /** Steps under way, by run. */
  readonly #steps = new Map<string, Promise<void>>();
  readonly #stalledChecks = new Map<string, Worker<RunJob>>();
  /** Runs that were under way at the last look. */
  #watched: ReadonlySet<string> = new Set();
  /** Interrupted runs that only their operator can resume, and runs of other accounts. */
  readonly #leftAlone = new Map<string, RunState>();
  readonly #lastProgress = new Map<string, { ended: number; at: number }>();
  /** When comparing a run again failed last. */
  readonly #compareFailed = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();
  #saidPresentAt = Number.NEGATIVE_INFINITY;
  /** What the last look at all runs found. */
  #lastLook = { at: Number.NEGATIVE_INFINITY, changes: Number.NaN, isIdle: false };
  #stopping = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.info = {
      id: randomUUID(),
      accountId: options.accountId,
      host: processHost(),
      pid: process.pid,
      startedAt: this.#now(),
    };
  }

  /** Looks once, then again and again until `stop`. */
  async start(): Promise<void> {
    await this.#takeBackAbandoned();
    await this.#look();
    this.#scheduleLook();
  }

  /** Gives back what is not yet sent, waits for what is in flight, and leaves. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#stop.abort(new Error("this process stops its work"));
    if (this.#timer) clearTimeout(this.#timer);
    for (const worker of this.#workers.values()) this.#stopWorker(worker);
    await this.#looking;
    await Promise.all(this.#steps.values());
    for (const worker of this.#workers.values()) this.#stopWorker(worker);
    for (const runId of this.#stalledChecks.keys()) this.#endStalledCheck(runId);
    await Promise.all(this.#leaving);
    const { backend, only } = this.#options;
    await sayLeft(backend, this.info, only).catch((error: Error) => this.#onError(error, null));
  }

  /** What a process that was killed had in hand need not wait until its locks run out where nobody else is at work. */
  async #takeBackAbandoned(): Promise<void> {
    const { backend, accountId, only } = this.#options;
    if (only !== undefined) return; // to start or resume it has seen to that
    if ((await presentWorkers(backend.presence, accountId)).length > 0) return;
    for (const { id } of await backend.runs.inStates(["running"])) {
      const run = await backend.runs.get(id);
      if (run?.accountId === accountId && !(await somebodyWorksOn(backend, run))) await takeBackAbandoned(backend, id);
    }
  }

  #scheduleLook(): void {
    if (this.#stopping) return;
    this.#timer = setTimeout(
      () => {
        this.#looking = this.#look().catch((error: Error) => this.#onError(error, null));
        void this.#looking.finally(() => this.#scheduleLook());
      },
      this.#lastLook.isIdle ? LOOK_EVERY_WHEN_IDLE : LOOK_EVERY,
    );
  }

  async #look(): Promise<void> {
    const { backend, only } = this.#options;
    await this.#sayPresent();
    // Before the look itself, so that what changes in between is seen by the next one.
    const changes = await backend.runs.changes();
    if (this.#hasNothingToDo(changes)) return;
    const found = (await backend.runs.inStates(WATCHED)).filter(({ id }) => only === undefined || id === only);
    this.#forgetMoved(found);
    const seen = found.filter(({ id }) => !this.#leftAlone.has(id));
    const idsIn = (states: readonly RunState[]): Set<string> =>
      new Set(seen.filter(({ state }) => states.includes(state)).map(({ id }) => id));
    const running = idsIn(["running"]);
    for (const worker of this.#workers.values())
      if (worker.isStopping || !running.has(worker.runId)) this.#stopWorker(worker);
    this.#keepStalledChecks(idsIn(COMING_TO_REST));
    for (const { id } of seen) this.#step(id);
    await this.#tellOfMoves(new Set(found.map(({ id }) => id)));
    this.#lastLook = { at: this.#now(), changes, isIdle: seen.length === 0 };
  }

  /** Tells of runs that came to their end or to rest since the last look, whoever moved them. */
  async #tellOfMoves(watched: Set<string>): Promise<void> {
    const { backend, accountId, onStateSeen } = this.#options;
    const gone = [...this.#watched].filter((id) => !watched.has(id));
    this.#watched = watched;
    for (const id of gone) {
      const run = await backend.runs.get(id);
      if (run !== null && run.accountId === accountId) onStateSeen?.(run);
    }
  }

  /** Nothing was to be done at the last look, and no run has changed since. Now and then it looks all the same: a datastore may be another one. */
  #hasNothingToDo(changes: number): boolean {
    const { at, changes: before, isIdle } = this.#lastLook;
    return isIdle && changes === before && this.#now() - at < LOOK_ANYWAY_EVERY;
  }

  /** A run that was left alone is looked at again once it is in another state. */
  #forgetMoved(found: readonly { id: string; state: RunState }[]): void {
    const states = new Map(found.map(({ id, state }) => [id, state]));
    for (const [id, state] of this.#leftAlone) if (states.get(id) !== state) this.#leftAlone.delete(id);
  }

  /** One step for a run at a time. It is not waited for: to cancel 100,000 rows takes a while, and other runs must not wait for that. */
  #step(runId: string): void {
    if (this.#steps.has(runId) || this.#stopping) return;
    const step = this.#attend(runId)
      .catch((error: Error) => this.#onError(error, runId))
      .finally(() => this.#steps.delete(runId));
    this.#steps.set(runId, step);
  }

  async #attend(runId: string): Promise<void> {
    const { backend, accountId, by, only, onStateSeen } = this.#options;
    await this.#workers.get(runId)?.flushCounts();
    const run = await settle(backend, runId, by, this.#now);
    if (!run) return;
    if (run.accountId !== accountId) {
      this.#leftAlone.set(runId, run.state);
      return;
    }
    onStateSeen?.(run);
    if (run.state === "running") {
      const isKnown = !isCompareDue(run, this.#now()) || (await this.#compare(run));
      if (isKnown && !this.#workers.has(runId) && !this.#stopping) this.#startWorker(run);
      await this.#refillIfStuck(run);
    } else if (run.state === "interrupted") {
      const isOurs = only === undefined && canBeCompletedByAnybody(run);
      if (!isOurs || !(await this.#complete(runId))) this.#leftAlone.set(runId, run.state);
    }
  }

  /** Queues what a producer left behind when it died; false where another run holds some of the entries, which is its operator's to decide. */
  async #complete(runId: string): Promise<boolean> {
    const { backend, by } = this.#options;
    try {
      await queueRun(runId, { backend, by, now: this.#now });
      return true;
    } catch (error) {
      if (!(error instanceof RunError && error.code === "entries_busy")) throw error;
      this.#onError(error, runId);
      return false;
    }
  }

  /** Whether the run's rows were held against the registry again; not while another process does it, nor where that failed. */
  async #compare(run: Run): Promise<boolean> {
    const { backend, connect, by } = this.#options;
    if (this.#now() - (this.#compareFailed.get(run.id) ?? Number.NEGATIVE_INFINITY) < RETRY_COMPARE_AFTER) return false;
    const lease = await tryProducerLease(backend.leases, run.id, by, this.#stop.signal);
    if (!lease) return false;
    try {
      await compareRun({ backend, run, registry: { connect }, by, now: this.#now, signal: lease.signal });
      this.#compareFailed.delete(run.id);
      return true;
    } catch (error) {
      if (this.#stopping) return false;
      this.#compareFailed.set(run.id, this.#now());
      if (!(error instanceof HaltError)) throw error;
      const reason = { code: "credentials", message: error.message } as const;
      await moveRun(backend.runs, run.id, "halted", { by, now: this.#now, reason, from: ["running"] });
      return false;
    } finally {
      await lease.release();
    }
  }

  #startWorker(run: Run): void {
    const { backend, connect, concurrency, by, lockMs = LOCK, onRecorded } = this.#options;
    this.#workers.set(
      run.id,
      new RunWorker({
        backend,
        run,
        connect,
        concurrency,
        by,
        lockMs,
        now: this.#now,
        onError: (error) => this.#onError(error, run.id),
        onRecorded: (recorded) => onRecorded?.(run.id, recorded),
        onIdle: () => this.#step(run.id),
      }),
    );
  }

  /** Does not wait: what is in flight may take half a minute, and neither the other runs nor this one, when it is resumed, must. */
  #stopWorker(worker: RunWorker): void {
    this.#workers.delete(worker.runId);
    this.#lastProgress.delete(worker.runId);
    this.#untilGone(worker.stop(), worker.runId);
  }

  /** While a run comes to rest nobody works on it, so somebody must find what a worker that died had in hand. */
  #keepStalledChecks(wanted: ReadonlySet<string>): void {
    const { backend, lockMs = LOCK } = this.#options;
    for (const runId of this.#stalledChecks.keys()) if (!wanted.has(runId)) this.#endStalledCheck(runId);
    for (const runId of wanted) {
      if (this.#stalledChecks.has(runId) || this.#stopping) continue;
      const check = backend.worker(runId, async () => {}, { lockDuration: lockMs, stalledInterval: lockMs / 3 });
      check.on(
        "error",
        reportWorkerErrors(backend, (error) => this.#onError(error, runId)),
      );
      this.#stalledChecks.set(runId, check);
      void check.startStalledCheckTimer();
    }
  }

  #endStalledCheck(runId: string): void {
    const check = this.#stalledChecks.get(runId);
    this.#stalledChecks.delete(runId);
    if (check) this.#untilGone(check.close(), runId);
  }

  #untilGone(left: Promise<void>, runId: string): void {
    const leaving: Promise<void> = left
      .catch((error: Error) => this.#onError(error, runId))
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
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

  async #sayPresent(): Promise<void> {
    if (this.#now() - this.#saidPresentAt < SAY_SO_EVERY_MS) return;
    await sayPresent(this.#options.backend, this.info, this.#options.only);
    this.#saidPresentAt = this.#now();
  }

  #onError(error: Error, runId: string | null): void {
    this.#options.onError?.(error, runId);
  }
}
