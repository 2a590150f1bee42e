import type { Outcome } from "../runs/outcome.ts";
import { directoryAdvice } from "./directory-advice.ts";

/** What is known of how a row ended. */
export interface RowEnd {
  outcome: Outcome;
  httpStatus?: number | null;
  /** Kept with the row; no code of this API is documented well enough to advise on by itself. */
  apiCode?: number | null;
  /** Of the entry; names the directory. */
  provenance?: string | null;
}

/**
 * What to do next about a row that ended like this, in one to three short sentences; null where nothing is to be done.
 * `runId` goes into the commands it names; without one they say `RUN`.
 */
export function adviceFor(end: RowEnd, runId = "RUN"): string | null {
  return ADVICE[end.outcome]?.(end, runId) ?? null;
}

const ADVICE: Record<Outcome, ((end: RowEnd, runId: string) => string) | null> = {
  updated: null,
  unchanged: null,
  rejected_directory_synced: ({ provenance }) => directoryAdvice(provenance ?? null, []),
  rejected_invalid: () => "Correct the named cell in failed.csv, then run that file.",
  rejected_duplicate: () => "Keep one row for each entry in failed.csv, then run that file.",
  rejected_not_found: () =>
    "Check the address or the id against the live list (bulkpatch export) and correct it in failed.csv. " +
    "A run changes entries and adds none: a new person is added in the Cloudflare dashboard first.",
  rejected_ambiguous: () =>
    "Put the id of the entry that is meant (bulkpatch export lists them) into an impersonation_registry_id column of failed.csv, then run that file.",
  rejected_conflict: () =>
    "Compare the row with the entry as it is now (bulkpatch export). If the row is still right, give it the entry's new modified_at (or none), then run failed.csv.",
  rejected_by_api: ({ httpStatus }) => adviceOnRefusal(httpStatus ?? null),
  failed: ({ httpStatus }, runId) => adviceOnFailure(httpStatus ?? null, runId),
  cancelled: (_end, runId) => `Nothing was sent. To go on after all: bulkpatch retry ${runId} --only cancelled`,
};

function adviceOnRefusal(httpStatus: number | null): string {
  if (httpStatus === 400 || httpStatus === 422)
    return "Cloudflare's message names what it does not take. Correct it in failed.csv, then run that file.";
  if (httpStatus === 404)
    return "The entry was removed meanwhile. Take the row out, or add the person in the Cloudflare dashboard first.";
  return "Cloudflare's message says why. If the row is right as it is, ask Cloudflare support and give the ray id that report.csv has for the row.";
}

function adviceOnFailure(httpStatus: number | null, runId: string): string {
  const again = `bulkpatch retry ${runId}`;
  if (httpStatus === 429) {
    return `Something else uses the same token's request limit. Wait five minutes, set a lower BULKPATCH_RATE, then: ${again}`;
  }
  if (httpStatus === null)
    return `Cloudflare could not be reached. Check network, proxy and DNS on this machine, then: ${again}`;
  return `Cloudflare was out of order for too long (www.cloudflarestatus.com tells more). Later: ${again}`;
}
