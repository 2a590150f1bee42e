import type { Processor, Queue, Worker, WorkerOptions } from "bullmq";
import type { NewRun, RequestCounts, Run, RunEvent, RunRow, RunState } from "../runs/run.ts";
import type { RowResult } from "../runs/outcome.ts";

/**
 * Where the queue and the runs live. One of `embedded` (PGlite in a folder), `redis`, `postgres`.
 * Everything above talks to this and never to a datastore.
 */
export interface Backend {
  kind: "embedded" | "redis" | "postgres";
  /** The address or folder, without a password: safe to print. */
  address: string;
  /** Things the operator should know (e.g. that the server may evict keys), a sentence each with a remedy. */
  warnings: string[];
  runs: RunStore;
  budget: BudgetState;
  /** False where another process owns the embedded folder: look and control only, its owner does the work. */
  canWork: boolean;
  /** The BullMQ queue of one run. The caller closes it. */
  queue(runId: string): Queue<RowJob>;
  /** A BullMQ worker on one run's queue, not yet started (`autorun: false`). The caller closes it. */
  worker(runId: string, processor: Processor<RowJob>, options: Partial<WorkerOptions>): Worker<RowJob>;
  /** Closes every connection and releases the folder. Safe to call twice. */
  close(): Promise<void>;
}

/** The payload of one BullMQ job: one entry to update. The job's id is `r<n>`. */
export interface RowJob {
  n: number;
  /** Requests of earlier attempts; absent at first. */
  tried?: number;
  /** The entry is read again after its change, and compared once more. */
  readBack?: true;
}

/**
 * The record of runs and outcomes. Every operation is atomic, and safe to repeat after a crash.
 * Implemented once for Redis and once for SQL; one contract suite covers both.
 */
export interface RunStore {
  /** Throws when a run of this id exists. */
  create(run: NewRun, event: RunEvent): Promise<void>;
  get(id: string): Promise<Run | null>;
  /** Newest first. */
  list(limit: number): Promise<Run[]>;
  /** Ids and states of the runs in one of these states; cheap enough to ask twice a second. */
  inStates(states: readonly RunState[]): Promise<{ id: string; state: RunState }[]>;
  /**
   * Moves the run only if it is in one of `from` (compare and set), and adds the event. Reason replaces the old one.
   * Moving to `finished` or `cancelled` sets `finishedAt` to the event's time; moving away clears it.
   * Null when it was not in `from` or does not exist.
   */
  move(
    id: string,
    from: readonly RunState[],
    to: RunState,
    reason: string | null,
    event: RunEvent,
  ): Promise<Run | null>;
  setReportDir(id: string, dir: string): Promise<void>;
  /** Replaces source (once its row count and checksum are known). */
  setSource(id: string, source: Run["source"]): Promise<void>;
  /** Keeps rows, ones that come with a result counted as ended. A row whose `n` is kept already is left as it is. */
  stage(id: string, rows: readonly RunRow[]): Promise<void>;
  /**
   * Records how rows ended, each once: a row that has a result keeps it. Answers how many were new.
   * `provenance` of the answer's entry, where it became known, replaces the row's.
   */
  record(id: string, results: readonly RecordedResult[]): Promise<number>;
  /** One row; null when there is none. */
  row(id: string, n: number): Promise<RunRow | null>;
  /** All rows in order of `n`, streamed in batches, from `n >= from`. */
  rows(id: string, from?: number): AsyncIterable<RunRow>;
  /** The positions of rows without a result, in order, in batches. */
  outstanding(id: string): AsyncIterable<number[]>;
  addRequests(id: string, counts: Partial<RequestCounts>): Promise<void>;
  /**
   * Counts rows that in a row ended with the same permanent error: the same key counts up, another (or null) starts anew.
   * Answers the count.
   */
  streak(id: string, key: string | null): Promise<number>;
  /** Takes or renews a named lease for `ttlMs`. False while somebody else holds it. */
  lease(name: string, owner: string, ttlMs: number): Promise<boolean>;
  releaseLease(name: string, owner: string): Promise<void>;
  /** Owner of a lease that has not run out, else null. */
  leaseOwner(name: string): Promise<string | null>;
  /** A worker process says that it is alive for another `ttlMs`. */
  heartbeat(worker: WorkerInfo, ttlMs: number): Promise<void>;
  retire(workerId: string): Promise<void>;
  /** Worker processes that are alive. */
  workers(): Promise<WorkerInfo[]>;
  /** Removes a run and its rows. */
  remove(id: string): Promise<void>;
}

export interface RecordedResult {
  n: number;
  result: RowResult;
  /** Left out: the row's stays. */
  provenance?: string;
}

export interface WorkerInfo {
  id: string;
  host: string;
  pid: number;
  /** Epoch milliseconds. */
  startedAt: number;
}

/**
 * The shared part of the request budget (generic cell rate algorithm), one record for each `key`.
 * The clock is the datastore's, so machines need not agree on the time.
 */
export interface BudgetState {
  /**
   * Reserves the next `count` evenly spaced slots: the first starts at max(now, last reserved slot + interval, closed until).
   * The interval is `intervalMs`, or the slower one set by `slow` while that holds. Fractions of a millisecond are kept.
   */
  reserve(key: string, count: number, intervalMs: number): Promise<Reservation>;
  /** Lets nobody start before `forMs` from now (never earlier than an existing closure), drops what was reserved beyond, and raises the epoch. */
  close(key: string, forMs: number): Promise<void>;
  /** Spaces slots at least `intervalMs` apart for the next `forMs`; replaces an earlier call. `intervalMs` 0 lifts it. */
  slow(key: string, intervalMs: number, forMs: number): Promise<void>;
  /** What is in force now. */
  look(key: string): Promise<BudgetLook>;
}

export interface Reservation {
  /** From now to the first slot, milliseconds, ≥ 0. */
  waitMs: number;
  /** Between the slots of this reservation. */
  intervalMs: number;
  /** Raised by `close`: a slot of an older epoch is void. */
  epoch: number;
  /** Slots given out under this key so far, these included. */
  granted: number;
}

export interface BudgetLook {
  epoch: number;
  granted: number;
  /** From now until it opens; 0 when open. */
  closedForMs: number;
  /** In force now; 0: none. */
  slowIntervalMs: number;
}
