import { expect, test } from "vitest";
import { headline } from "../../src/report/headline.ts";
import { noOutcomes, type OutcomeCounts, totalOf } from "../../src/runs/outcome.ts";
import { RUN_STATES, type RunState } from "../../src/runs/run.ts";

function headlineOf(outcomes: Partial<OutcomeCounts>, state: RunState = "finished", rows?: number): string {
  const counts = { ...noOutcomes(), ...outcomes };
  const total = rows ?? totalOf(counts);
  return headline({ state, outcomes: counts, rows: total, source: { rows: total } });
}

test("says how a run went in one sentence", () => {
  expect(
    headlineOf({
      updated: 1_432,
      unchanged: 480,
      rejected_directory_synced: 43,
      rejected_invalid: 25,
      rejected_not_found: 12,
      failed: 7,
      cancelled: 1,
    }),
  ).toMatchInlineSnapshot(
    `"1,912 of 2,000 rows are in place; 43 entries are synced from a directory and must be changed there; 37 rows need fixing; 7 rows failed and can be tried again; 1 row was not tried before the run was cancelled."`,
  );
});

test("speaks of one row as of one", () => {
  expect(headlineOf({ updated: 1 })).toBe("The one row is in place.");
  expect(headlineOf({ rejected_directory_synced: 1 })).toBe(
    "The one row is not in place; 1 entry is synced from a directory and must be changed there.",
  );
  expect(headlineOf({ updated: 1, rejected_conflict: 1 })).toBe("1 of 2 rows is in place; 1 row needs fixing.");
});

test("is short where all went well, and plain where nothing did", () => {
  expect(headlineOf({ updated: 1_500, unchanged: 500 })).toBe("All 2,000 rows are in place.");
  expect(headlineOf({ rejected_by_api: 3 })).toBe("None of the 3 rows is in place; 3 rows need fixing.");
  expect(headlineOf({})).toBe("The spreadsheet had no rows.");
});

test("says first that a run is not over, and how much is still to come", () => {
  expect(headlineOf({ updated: 812 }, "paused", 2_000)).toBe(
    "The run is paused: 812 of 2,000 rows are in place; 1,188 rows are still to come.",
  );
  expect(headlineOf({}, "planning", 0)).toBe("The run is being planned: no row is recorded yet.");
  expect(headlineOf({ updated: 5 }, "cancelled", 8)).toBe("5 of 8 rows are in place; 3 rows were never reached.");
});

test("has words for every state", () => {
  for (const state of RUN_STATES) expect(headlineOf({ updated: 1 }, state, 2)).not.toContain("undefined");
});
