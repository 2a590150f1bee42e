import type { KeptOccasion, OccasionState } from "./schedule-store.ts";

/** One due time of a schedule, and what came of it. */
export interface Occasion {
  schedule: string;
  /** Epoch milliseconds. */
  dueAt: number;
  state: OccasionState;
  /** A stable word; null where the state says it all. */
  reason: string | null;
  /** One sentence for a person. */
  message: string | null;
  /** Of the plan. */
  digest: string | null;
  run: string | null;
  /** Entries that were changed, or would be. */
  changes: number | null;
  counts: OccasionCounts | null;
  /** The folder with what only the list and only the registry have, in full (left-overs.ts); null: none was written. */
  leftOversDir: string | null;
  /** `user@host` of who asked for it; null: the clock. */
  askedBy: string | null;
  /** Who approved it where it had been held, and when. */
  approvedBy: { by: string; at: number } | null;
  startedAt: number;
  finishedAt: number | null;
  /** Other runs of the account that were at work when it began. */
  beside: string[];
  /** Who works on it while it is `running` and has no run: others take over when the time is up. */
  claim: Claim | null;
}

/** Which process carries an occasion out, and until when (epoch milliseconds) it may. */
export interface Claim {
  /** From `ownerName`, so that a dead process of this machine is known. */
  owner: string;
  until: number;
}

/** What the plan of an occasion found; the lists hold the first hundred (`leftOversDir` has all). */
export interface OccasionCounts {
  rows: number;
  registry: number;
  unchanged: number;
  rejected: number;
  /** Differences by who caused them, in entries. */
  sourceChanged: number;
  registryDrifted: number;
  bothChanged: number;
  /** Entries with differences that were left alone. */
  leftAlone: number;
  accepted: number;
  notInRegistry: number;
  notInList: number;
  rowsNotInRegistry: { row: number; text: string }[];
  entriesNotInList: { id: string; email: string; name: string }[];
}

/** An occasion with the version that a change of it must name. */
export type ReadOccasion = Occasion & { version: number; accountId: string };

/** An occasion out of its record. */
export function decodeOccasion({ document, version, accountId, ...key }: KeptOccasion): ReadOccasion {
  return { ...(JSON.parse(document) as Omit<Occasion, "schedule" | "dueAt" | "state">), ...key, version, accountId };
}

/** What stands beside the text is not in it. */
export function encodeOccasion(occasion: Occasion): Pick<KeptOccasion, "dueAt" | "state" | "document"> {
  const { schedule: _schedule, dueAt, state, ...rest } = occasion;
  return { dueAt, state, document: JSON.stringify(rest) };
}

/** An occasion that ends as soon as it is recorded, or begins. */
export function newOccasion(
  given: Pick<Occasion, "schedule" | "dueAt" | "state"> & Partial<Occasion> & { at: number },
): Occasion {
  const { at, ...rest } = given;
  return {
    reason: null,
    message: null,
    digest: null,
    run: null,
    changes: null,
    counts: null,
    leftOversDir: null,
    askedBy: null,
    approvedBy: null,
    startedAt: at,
    finishedAt: given.state === "running" ? null : at,
    beside: [],
    claim: null,
    ...rest,
  };
}
