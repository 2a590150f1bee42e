import type { RunRow } from "./run.ts";

/** What a run is made from: a plan, or rows of another run. */
export interface DecidedRows {
  /** How many there are. */
  rows: number;
  /** Of the source, hexadecimal. */
  sha256: string;
  /** Of the plan, where there is one: what was approved. */
  digest?: string;
  /** Requests that deciding them took. */
  requests: number;
  /** Every row in the source's order, those without a result to be sent; may be called again. */
  decided(): AsyncIterable<RunRow>;
}
