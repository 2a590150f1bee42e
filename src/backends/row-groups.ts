import type { Outcome, RowResult } from "../runs/outcome.ts";
import type { CauseCount } from "../runs/row-store.ts";

/*
 * So that rows are found by how they ended without reading them all, their positions are kept as sets of bits (marks): one for
 * each outcome, and one for each API code. Codes are folded into a few marks, whatever numbers the API makes up, so a row that
 * bears a code's mark is looked at before it is shown. Causes are counted, with a sample of their messages.
 */

/** Causes of one run that are told apart. */
export const MOST_CAUSES = 100;
const CODE_MARKS = 61;
const SAMPLE = 500;

/** All rows of one call that ended alike. */
export interface RowGroup {
  outcome: Outcome;
  codeMark: string | null;
  /** Outcome, status, code and, of a synced entry, its directory as JSON: the key under which they are counted. */
  cause: string;
  /** The key where there are too many causes already. */
  rest: string;
  message: string;
}

/** A row, staged or recorded, with how it ended. */
export interface EndedRow {
  result: RowResult | null;
  provenance?: string | null;
}

/** Sorts rows into groups by how they ended. Answers for each the 1-based place of its group; 0 for null. */
export function groupRows(rows: readonly EndedRow[]): { groups: RowGroup[]; places: number[] } {
  const groups: RowGroup[] = [];
  const known = new Map<string, number>();
  const places = rows.map(({ result, provenance }) => {
    if (result === null) return 0;
    const { outcome, httpStatus, apiCode, message } = result;
    const directory = outcome === "rejected_directory_synced" && provenance ? [provenance] : [];
    const cause = JSON.stringify([outcome, httpStatus, apiCode, ...directory]);
    const place = known.get(cause) ?? groups.length + 1;
    if (place > groups.length) {
      known.set(cause, place);
      const codeMark = apiCode === null ? null : markOfCode(apiCode);
      const rest = JSON.stringify([outcome, null, null]);
      groups.push({ outcome, codeMark, cause, rest, message: message?.slice(0, SAMPLE) ?? "" });
    }
    return place;
  });
  return { groups, places };
}

/** The mark of rows that ended with an error code of the API. Several codes may share one. */
export function markOfCode(code: number): string {
  return `code:${Math.abs(Math.trunc(code)) % CODE_MARKS}`;
}

/** Every mark of codes that there can be. */
export const ALL_CODE_MARKS = Array.from({ length: CODE_MARKS }, (_, code) => markOfCode(code));

type CauseKey = [outcome: Outcome, httpStatus: number | null, apiCode: number | null, provenance?: string];

/** Causes as they are kept, the most frequent first. */
export function decodeCauses(counted: readonly { cause: string; rows: number; message: string }[]): CauseCount[] {
  return counted
    .map(({ cause, rows, message }) => {
      const [outcome, httpStatus, apiCode, provenance = null] = JSON.parse(cause) as CauseKey;
      return { outcome, httpStatus, apiCode, provenance, rows, message: message === "" ? null : message };
    })
    .toSorted((a, b) => b.rows - a.rows || a.outcome.localeCompare(b.outcome));
}
