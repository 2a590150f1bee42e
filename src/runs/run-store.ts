import type { RowResult } from "./outcome.ts";
import type { NewRun, RequestCounts, Run, RunEvent, RunRow, RunState } from "./run.ts";

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
