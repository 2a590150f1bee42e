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

/** How one does things where the advice is read: by a command, by a button. Each continues a sentence. */
export interface Ways {
  /** What becomes of failed.csv once it is corrected: `run that file`. */
  sendFile: string;
  /** Where the entries are as they are now. */
  liveList: string;
  tryAgain: string;
  tryCancelled: string;
}

/** The ways of the command line, with this run in its commands. */
export function commandWays(runId: string): Ways {
  return {
    sendFile: "run that file",
    liveList: "the live list (bulkpatch export)",
    tryAgain: `bulkpatch retry ${runId}`,
    tryCancelled: `bulkpatch retry ${runId} --only cancelled`,
  };
}

/** What to do next about a row that ended like this, in one to three short sentences; null where nothing is to be done. */
export function adviceFor(end: RowEnd, ways: Ways): string | null {
  return ADVICE[end.outcome]?.(end, ways) ?? null;
}

const ADVICE: Record<Outcome, ((end: RowEnd, ways: Ways) => string) | null> = {
  updated: null,
  unchanged: null,
  rejected_directory_synced: ({ provenance }) => directoryAdvice(provenance ?? null, []),
  rejected_invalid: (_end, { sendFile }) => `Correct the named cell in failed.csv, then ${sendFile}.`,
  rejected_duplicate: (_end, { sendFile }) => `Keep one row for each entry in failed.csv, then ${sendFile}.`,
  rejected_not_found: (_end, { liveList }) =>
    `Check the address or the id against ${liveList} and correct it in failed.csv. ` +
    "A run changes entries and adds none: a new person is added in the Cloudflare dashboard first.",
  rejected_ambiguous: (_end, { liveList, sendFile }) =>
    `Put the id of the entry that is meant, from ${liveList}, into an impersonation_registry_id column of failed.csv, then ${sendFile}.`,
  rejected_conflict: (_end, { liveList, sendFile }) =>
    `Compare the row with the entry in ${liveList}. If the row is still right, give it the entry's new modified_at (or none) in failed.csv, then ${sendFile}.`,
  rejected_by_api: ({ httpStatus }, ways) => adviceOnRefusal(httpStatus ?? null, ways),
  failed: ({ httpStatus }, ways) => adviceOnFailure(httpStatus ?? null, ways),
  cancelled: (_end, { tryCancelled }) => `Nothing was sent. To go on after all: ${tryCancelled}`,
};

function adviceOnRefusal(httpStatus: number | null, { sendFile }: Ways): string {
  if (httpStatus === 400 || httpStatus === 422)
    return `Cloudflare's message names what it does not take. Correct it in failed.csv, then ${sendFile}.`;
  if (httpStatus === 404)
    return "The entry was removed meanwhile. Take the row out, or add the person in the Cloudflare dashboard first.";
  return "Cloudflare's message says why. If the row is right as it is, ask Cloudflare support and give the ray id that report.csv has for the row.";
}

function adviceOnFailure(httpStatus: number | null, { tryAgain }: Ways): string {
  if (httpStatus === 429) {
    return `Something else uses the same token's request limit. Wait five minutes, set a lower BULKPATCH_RATE, then: ${tryAgain}`;
  }
  if (httpStatus === null)
    return `Cloudflare could not be reached. Check network, proxy and DNS on this machine, then: ${tryAgain}`;
  return `Cloudflare was out of order for too long (www.cloudflarestatus.com tells more). Later: ${tryAgain}`;
}
