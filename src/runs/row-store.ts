import type { Fence } from "./leases.ts";
import type { Outcome, RowResult } from "./outcome.ts";
import type { RequestCounts, RunRow } from "./run.ts";
import type { AccountTraffic } from "./run-store.ts";

/** The rows of runs and how they ended. Every operation is atomic, and safe to repeat after a crash. */
export interface RowStore {
  /**
   * Keeps rows, ones that come with a result counted as ended. A row whose `n` is kept already is left as it is.
   * Throws where there is no such run, and LeaseLostError where `fence` is no longer held.
   */
  stage(runId: string, rows: readonly RunRow[], options?: { fence?: Fence | undefined }): Promise<void>;
  /**
   * Records how rows ended, each once: a row that has a result keeps it. Answers how many were new.
   * `provenance` of the answer's entry, where it became known, replaces the row's.
   * `requests` are counted in the same step, as `RunStore.addRequests` does.
   */
  record(runId: string, results: readonly RecordedResult[], requests?: CountedRequests | null): Promise<number>;
  /** One row; null when there is none. */
  get(runId: string, n: number): Promise<RunRow | null>;
  /** The rows from one position to another (both included) that have no result, in order; in one step. */
  outstandingIn(runId: string, from: number, to: number): Promise<RunRow[]>;
  /** All rows in order of `n`, streamed in batches, from `n >= from`. */
  all(runId: string, from?: number): AsyncIterable<RunRow>;
  /** Rows that fit the filter, in order of `n`, a page at a time. Takes about as long in a large run as in a small one. */
  page(runId: string, filter: RowFilter): Promise<RowPage>;
  /** How many rows ended for which reason, the most frequent first; at most about a hundred reasons are told apart. */
  causes(runId: string): Promise<CauseCount[]>;
  /** The positions of rows without a result, in order, in batches. */
  outstanding(runId: string): AsyncIterable<number[]>;
}

/** Requests that were sent for a run, with when, and for whose registry. */
export interface CountedRequests {
  counts: Partial<RequestCounts>;
  traffic: AccountTraffic;
}

/** How the row at position `n` ended. */
export interface RecordedResult {
  n: number;
  result: RowResult;
  /** Left out: the row's stays. */
  provenance?: string;
}

/** What is left out, or an empty list, lets every row pass. */
export interface RowFilter {
  outcomes?: readonly Outcome[] | undefined;
  /** The API's error codes. */
  codes?: readonly number[] | undefined;
  /** Part of the entry's e-mail address, name or id, or of one of the file's own cells, in any case. */
  text?: string | undefined;
  /** `next` of the page before: only rows behind this position. */
  after?: number | undefined;
  limit: number;
}

/** Rows that fit a filter, in order of `n`. */
export interface RowPage {
  rows: RunRow[];
  /** Null on the last page. A page may be short, even empty, and have one: so many rows are looked at for one page, and no more. */
  next: number | null;
  /** Rows that were looked at. */
  scanned: number;
}

/** Rows that ended alike. Beyond the bound, the rest of an outcome's rows are counted where status and code are null. */
export interface CauseCount {
  outcome: Outcome;
  httpStatus: number | null;
  apiCode: number | null;
  /** Of entries that are synced from a directory: which. Null for all others, and where it is not known. */
  provenance: string | null;
  rows: number;
  /** Of one of them, up to 500 characters. */
  message: string | null;
}
