import type { Fence } from "./leases.ts";
import type { TrafficCount } from "./traffic.ts";
import type { NewRun, RequestCounts, Run, RunEvent, RunState } from "./run.ts";

/** The record of runs. Every operation is atomic, and safe to repeat after a crash. */
export interface RunStore {
  /** Throws when a run of this id exists. */
  create(run: NewRun, event: RunEvent): Promise<void>;
  get(id: string): Promise<Run | null>;
  /** Newest first. */
  list(limit: number): Promise<Run[]>;
  /** Runs that fit the filter, newest first, a page at a time. */
  page(filter: RunFilter): Promise<RunPage>;
  /** Ids and states of the runs in one of these states; cheap enough to ask twice a second. */
  inStates(states: readonly RunState[]): Promise<{ id: string; state: RunState }[]>;
  /**
   * Another number each time that a run or a schedule was made, moved on or removed, by whomever: as long as it stays, `inStates`
   * answers the same, and nobody asked anything of a schedule. One cheap look for all of them.
   */
  changes(): Promise<number>;
  /**
   * Moves the run only if it is in one of `from` (compare and set), and adds the event. Reason replaces the old one.
   * Moving to `finished` or `cancelled` sets `finishedAt` to the event's time; moving away clears it.
   * Null when it was not in `from` or does not exist. Throws LeaseLostError where `fence` is no longer held.
   */
  move(
    id: string,
    from: readonly RunState[],
    to: RunState,
    reason: string | null,
    event: RunEvent,
    options?: { fence?: Fence | undefined },
  ): Promise<Run | null>;
  setReportDir(id: string, dir: string): Promise<void>;
  /** Counts requests, and with `traffic` also by the minute, for the run and its account (traffic.ts). */
  addRequests(id: string, counts: Partial<RequestCounts>, traffic?: AccountTraffic): Promise<void>;
  /**
   * Counts rows that in a row ended with the same permanent error: the same key counts up, another (or null) starts anew.
   * Answers the count.
   */
  streak(id: string, key: string | null): Promise<number>;
  /** Removes a run and its rows. */
  remove(id: string): Promise<void>;
}

/** What was sent for a run, and for whose registry. */
export interface AccountTraffic {
  accountId: string;
  counts: readonly TrafficCount[];
}

/** What is left out, or an empty list, lets every run pass. */
export interface RunFilter {
  states?: readonly RunState[] | undefined;
  /** Part of the name, the id, the file's path, or who started it, in any case. */
  text?: string | undefined;
  /** Created at this time or later, epoch milliseconds. */
  from?: number | undefined;
  /** Created before this time, epoch milliseconds. */
  to?: number | undefined;
  /** `next` of the page before. */
  after?: string | undefined;
  limit: number;
}

/** Runs that fit a filter, newest first. */
export interface RunPage {
  runs: Run[];
  /** Null on the last page. A page may be short, even empty, and have one: so many runs are looked at for one page, and no more. */
  next: string | null;
}
