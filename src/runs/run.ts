import type { RowWarning } from "../changes/change.ts";
import type { ReadOptions } from "../changes/source.ts";
import type { FieldChanges } from "../registry/entry-diff.ts";
import type { FieldValue, UpdatableField } from "../registry/entry.ts";
import type { OutcomeCounts, RowResult } from "./outcome.ts";

/** In the order in which a run comes to them; states.ts has the moves. */
export const RUN_STATES = [
  "planning",
  "queueing",
  "running",
  "pausing",
  "paused",
  "halted",
  "interrupted",
  "cancelling",
  "cancelled",
  "finished",
] as const;
export type RunState = (typeof RUN_STATES)[number];

/** Where a run's rows came from. */
export interface RunSource {
  name: string;
  /** Absolute path, or null (standard input, a retry of another run). */
  path: string | null;
  sha256: string;
  /** Data rows. */
  rows: number;
  /** Of a plan file that the rows came from instead: its absolute path. */
  planFile?: string;
  header: string[];
  read: ReadOptions;
  /** What was expected of new addresses (src/plan/lint); left out where nothing was said. */
  lint?: { strict: boolean; allowDomains: readonly string[] };
  /** Of the plan that the run carries out; left out where there is none. */
  digest?: string;
}

/** Why a run does not go on by itself. Each face words what to do about it. */
export const REASON_CODES = [
  /** Somebody asked for it. */
  "asked",
  /** More entries would be updated than the run may. */
  "safety_limit",
  /** One of the first updates did not turn out right. */
  "canary",
  /** Many rows in a row were refused with the same error. */
  "same_error",
  /** No call can work: the token, its permission, the account, the entitlement. */
  "credentials",
  /** Whoever was queueing it is gone. */
  "producer_gone",
  /** Somebody stopped who was queueing it. */
  "stopped",
  /** An error ended the queueing. */
  "cut_off",
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** Why a run is in its state. What to do next is worded by each face, from the code. */
export interface RunReason {
  code: ReasonCode;
  message: string;
  /** Entries that would be updated, where that is the reason. */
  changes?: number;
}

/** Something that somebody asked of a run, or that happened to it. */
export interface RunEvent extends Partial<Omit<RunReason, "message">> {
  /** The run's requests until then, where somebody counts from it. */
  requests?: number;
  /** Epoch milliseconds. */
  at: number;
  /** The state it led to, or another short word. */
  what: string;
  /** `user@host`. */
  by: string;
  detail: string | null;
}

/** How a run is carried out, as it was asked for when it began. */
export interface RunOptions {
  /** Send every valid row without comparing it with the registry first. */
  noPlan: boolean;
  /** Requests that the plan took: comparing with the registry again takes about as many. Filled in when the run starts. */
  planRequests?: number;
  /** Rows that one job carries, up to; left out: one. Filled in when the run starts. */
  rowsAJob?: number;
  /** Look at each entry just before its change, and leave it alone when it was changed since the plan. */
  checkAgain: boolean;
  /** The first N updates are read back before the others follow; 0: none. */
  canary: number;
  /** More entries to update than this halt the run before the first is sent; null: no limit. */
  maxChanges: number | null;
  /** This many rows in a row that end with the same permanent API error pause the run; 0: never. */
  pauseAfterSameError: number;
  /** Tries of one row over outages of minutes, before it is `failed`. */
  attempts: number;
  /** How long a row waits after its first failed try; it doubles with each further one, up to 60 times as long. */
  backoffMs: number;
}

/** Of a run for which nothing else was asked. */
export const DEFAULT_RUN_OPTIONS: RunOptions = {
  noPlan: false,
  checkAgain: false,
  canary: 0,
  maxChanges: null,
  pauseAfterSameError: 20,
  attempts: 12,
  backoffMs: 5_000,
};

/** One plan carried out. */
export interface Run {
  /** Readable and easy to type, e.g. `2026-11-24-brave-otter`. */
  id: string;
  /** The source's name. */
  name: string;
  state: RunState;
  /** Why it is in this state; null where the state says it all. `reasonOf` has the code. */
  reason: string | null;
  source: RunSource;
  options: RunOptions;
  accountId: string;
  /** The run whose failed rows this one tries again. */
  retryOf: string | null;
  /** Rows recorded so far; equals `source.rows` once the run is past `planning`. */
  rows: number;
  outcomes: OutcomeCounts;
  requests: RequestCounts;
  events: RunEvent[];
  reportDir: string | null;
  /** Epoch milliseconds. */
  createdAt: number;
  finishedAt: number | null;
}

/** Requests that were sent for a run. */
export interface RequestCounts {
  /** Every request sent for the run: plan, PATCH, look-ups, retries. */
  total: number;
  retries: number;
  /** Answers with 429. */
  throttled: number;
}

/** What a new run is made of; the store fills in the counters. */
export type NewRun = Omit<Run, "rows" | "outcomes" | "requests" | "events" | "finishedAt">;

/** Who changed a value since a schedule last applied it. */
export const DRIFT_CAUSES = ["source_changed", "registry_drifted", "both"] as const;
export type DriftCause = (typeof DRIFT_CAUSES)[number];

/** Why a row of a schedule differs from the registry. */
export interface RowDrift {
  /** Of all its fields. */
  cause: DriftCause;
  /** The values that were last applied of the fields that somebody changed in the registry since. */
  applied: { [F in UpdatableField]?: FieldValue };
}

/** A row as it is kept: what the file said, what the plan found, and how it ended. */
export interface RunRow {
  /** 0-based position in the run, without gaps. */
  n: number;
  /** Row number as in the spreadsheet. */
  row: number;
  cells: string[];
  /** The entry the row is about, where it was found. */
  entryId: string | null;
  entryEmail: string | null;
  entryName: string | null;
  /** Of the entry; null where unknown. Names the directory of a synced entry. */
  provenance: string | null;
  /** What the row changes; null where nothing is to be sent. With `noPlan` every `from` is null. */
  changes: FieldChanges | null;
  /** ISO 8601; the entry is read first and left alone when it was changed later than this. */
  guard: string | null;
  /** Left out where there are none. */
  warnings?: RowWarning[];
  /** Left out where no schedule knows of a difference. */
  drift?: RowDrift;
  /** A mark of row and entry as a schedule saw them, which is another once either has changed; left out where no schedule asks. */
  asSeen?: string;
  /** Null until the row has ended. */
  result: RowResult | null;
}
