import type { Fence } from "./leases.ts";
import type { RowResult } from "./outcome.ts";
import type { RunRow } from "./run.ts";

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
   */
  record(runId: string, results: readonly RecordedResult[]): Promise<number>;
  /** One row; null when there is none. */
  get(runId: string, n: number): Promise<RunRow | null>;
  /** All rows in order of `n`, streamed in batches, from `n >= from`. */
  all(runId: string, from?: number): AsyncIterable<RunRow>;
  /** The positions of rows without a result, in order, in batches. */
  outstanding(runId: string): AsyncIterable<number[]>;
}

export interface RecordedResult {
  n: number;
  result: RowResult;
  /** Left out: the row's stays. */
  provenance?: string;
}
