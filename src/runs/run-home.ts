import type { Queue } from "bullmq";
import type { Leases } from "./leases.ts";
import type { Presence } from "./presence.ts";
import type { RowStore } from "./row-store.ts";
import type { RunStore } from "./run-store.ts";
import type { Traffic } from "./traffic.ts";

/** The payload of one BullMQ job. */
export type RunJob = SliceJob | RowJob;

/** All rows between two positions that have no outcome, but for those with a job of their own. The job's id is `s<n>`. */
export interface SliceJob {
  /** Its first position. */
  n: number;
  /** Its last position. */
  to: number;
  /** When it was queued, some of its rows had jobs of their own. */
  again?: true;
  /** Which rows were begun and did not end, by whoever gave it back last, and how often it had been taken up until then. */
  begun?: { rows: number[]; takes: number };
}

/** One row: of a canary, one that waits for a better hour, or any row where a job carries one. The job's id is `r<n>`. */
export interface RowJob {
  n: number;
  /** Requests of earlier attempts; absent at first. */
  tried?: number;
  /** Attempts before it had a job of its own; absent for none. */
  failed?: number;
  /** The entry is read again after its change, and compared once more. */
  readBack?: true;
}

/** Where runs live: their record, and one BullMQ queue for each. A backend is one, with more besides. */
export interface RunHome {
  /** The address or folder, without a password: safe to print. */
  address: string;
  /** The policy by which it may throw away whatever it keeps (Redis: `allkeys-…`); null where it keeps all. */
  evicts: string | null;
  runs: RunStore;
  rows: RowStore;
  leases: Leases;
  presence: Presence;
  traffic: Traffic;
  /** The BullMQ queue of one run. The caller closes it. */
  queue(runId: string): Queue<RunJob>;
}
