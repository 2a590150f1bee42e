/*
 * What schedules need of a datastore. It keeps their documents as text and never looks inside; what it must know to be atomic
 * (names, versions, due times, who reconciles which account) stands beside the text. Every operation is one atomic step and
 * safe to repeat when its answer was lost.
 */

/** How an occasion stands or ended. */
export const OCCASION_STATES = ["running", "done", "in_sync", "drift", "held", "skipped", "expired", "failed"] as const;
export type OccasionState = (typeof OCCASION_STATES)[number];

/** A schedule's record; `document` is JSON that the store only keeps. */
export interface KeptSchedule {
  name: string;
  /** Counts up with each step, from 1. */
  version: number;
  document: string;
}

/** An occasion's record; `document` is JSON that the store only keeps. */
export interface KeptOccasion {
  schedule: string;
  /** Epoch milliseconds; a schedule has one occasion for a due time. */
  dueAt: number;
  accountId: string;
  state: OccasionState;
  /** Counts up with each change, from 1. */
  version: number;
  document: string;
}

/** What one step changes, all of it or nothing. */
export interface ScheduleStep {
  name: string;
  /** The schedule's version when it was read. */
  version: number;
  document: string;
  accountId: string;
  /** New occasions. One of a due time that is there already is left as it is, unless it would be `running`. */
  add?: readonly Pick<KeptOccasion, "dueAt" | "state" | "document">[];
  /** An occasion that changes; `version`: when it was read. */
  change?: Pick<KeptOccasion, "dueAt" | "version" | "state" | "document">;
}

/**
 * `changed`: somebody else was faster (or the due time has its occasion already, or the schedule is gone).
 * `busy`: the account has a running occasion, and an account has one at a time.
 */
export type StepAnswer = "done" | "changed" | "busy";

/**
 * The record of schedules, their occasions and what they know of entries. Every operation is atomic, and safe to repeat after a
 * crash.
 */
export interface ScheduleStore {
  /** False when there is a schedule of this name. */
  create(name: string, document: string): Promise<boolean>;
  get(name: string): Promise<KeptSchedule | null>;
  /** All of them, by name. */
  list(): Promise<KeptSchedule[]>;
  step(step: ScheduleStep): Promise<StepAnswer>;
  /** Removes a schedule with its occasions and known entries; false when there is none. */
  remove(name: string): Promise<boolean>;

  occasion(schedule: string, dueAt: number): Promise<KeptOccasion | null>;
  /** Newest first, those due before `before` (epoch milliseconds), at most `limit`. */
  occasions(schedule: string, limit: number, before?: number): Promise<KeptOccasion[]>;
  /** Of every schedule. */
  running(): Promise<KeptOccasion[]>;
  /** Removes occasions due before this time that are not running; answers how many. */
  removeOccasionsBefore(schedule: string, time: number): Promise<number>;

  /** What a schedule knows of entries, by entry id. */
  knownEntries(schedule: string): Promise<Map<string, string>>;
  /** Replaces what is known of these entries; null: nothing any more. */
  keepEntries(schedule: string, entries: readonly (readonly [id: string, document: string | null])[]): Promise<void>;
}
