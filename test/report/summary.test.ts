import { expect, test } from "vitest";
import { totalOf } from "../../src/runs/outcome.ts";
import { type Summary, summarise } from "../../src/report/summary.ts";
import { RowStatistics } from "../../src/report/row-statistics.ts";
import type { Run, RunRow } from "../../src/runs/run.ts";
import { renderText } from "./captured-text.ts";
import { makeResult, makeRow, makeRun, rowsOfEveryOutcome } from "./sample-run.ts";

function summaryOf(rows: readonly RunRow[], run: Run = makeRun(rows)): Summary {
  const statistics = new RowStatistics(run);
  for (const row of rows) statistics.add(row);
  return summarise(run, statistics);
}

test("is the plain document of summary.json", async () => {
  const rows = rowsOfEveryOutcome();
  const run = makeRun(rows);
  expect(summaryOf(rows, run)).toMatchInlineSnapshot(`
    {
      "account_id": "023e105f4ecef8ad9ca31a8372d0c353",
      "causes": [
        {
          "api_code": null,
          "first_rows": [
            5,
          ],
          "http_status": null,
          "message": "column "Email": expected one e-mail address",
          "outcome": "rejected_invalid",
          "rows": 1,
        },
        {
          "api_code": null,
          "first_rows": [
            6,
          ],
          "http_status": null,
          "message": null,
          "outcome": "rejected_duplicate",
          "rows": 1,
        },
        {
          "api_code": null,
          "first_rows": [
            7,
          ],
          "http_status": null,
          "message": null,
          "outcome": "rejected_not_found",
          "rows": 1,
        },
        {
          "api_code": null,
          "first_rows": [
            8,
          ],
          "http_status": null,
          "message": null,
          "outcome": "rejected_ambiguous",
          "rows": 1,
        },
        {
          "api_code": null,
          "first_rows": [
            9,
          ],
          "http_status": null,
          "message": null,
          "outcome": "rejected_conflict",
          "rows": 1,
        },
        {
          "api_code": 1004,
          "first_rows": [
            10,
          ],
          "http_status": 422,
          "message": "name is reserved",
          "outcome": "rejected_by_api",
          "rows": 1,
        },
        {
          "api_code": null,
          "first_rows": [
            11,
          ],
          "http_status": 503,
          "message": "Service Unavailable",
          "outcome": "failed",
          "rows": 1,
        },
      ],
      "directories": [
        {
          "provenance": "SNOOPY-OFFICE_365",
          "rows": 1,
        },
      ],
      "events": [
        {
          "at": "2026-11-20T14:02:00.000Z",
          "by": "ada@it-laptop",
          "detail": null,
          "what": "planning",
        },
        {
          "at": "2026-11-20T14:02:04.000Z",
          "by": "ada@it-laptop",
          "detail": null,
          "what": "queueing",
        },
        {
          "at": "2026-11-20T14:02:05.000Z",
          "by": "ada@it-laptop",
          "detail": null,
          "what": "running",
        },
        {
          "at": "2026-11-20T14:07:47.000Z",
          "by": "ada@it-laptop",
          "detail": null,
          "what": "finished",
        },
      ],
      "finished_at": "2026-11-20T14:07:47.000Z",
      "headline": "2 of 12 rows are in place; 1 entry is synced from a directory and must be changed there; 6 rows need fixing; 1 row failed and can be tried again; 1 row was not tried before the run was cancelled; 1 row was never reached.",
      "name": "people.csv",
      "outcomes": {
        "cancelled": 1,
        "failed": 1,
        "rejected_ambiguous": 1,
        "rejected_by_api": 1,
        "rejected_conflict": 1,
        "rejected_directory_synced": 1,
        "rejected_duplicate": 1,
        "rejected_invalid": 1,
        "rejected_not_found": 1,
        "unchanged": 1,
        "updated": 1,
      },
      "reason": null,
      "requests": {
        "retries": 12,
        "throttled": 0,
        "total": 1318,
      },
      "retry_of": null,
      "run": "2026-11-20-brave-otter",
      "source": {
        "name": "people.csv",
        "rows": 12,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      },
      "started_at": "2026-11-20T14:02:00.000Z",
      "state": "finished",
      "without_outcome": 1,
    }
  `);
  expect(JSON.parse(await renderText("json", run, rows))).toEqual(summaryOf(rows, run));
});

test("has outcomes that add up to the rows", () => {
  const { outcomes, without_outcome, source } = summaryOf(rowsOfEveryOutcome());
  expect(totalOf(outcomes) + without_outcome).toBe(source.rows);
});

test("says of a run that is not over that it has no end", () => {
  expect(summaryOf([], makeRun([], { state: "running", finishedAt: null })).finished_at).toBeNull();
});

function refused(n: number, apiCode: number, message: string): RunRow {
  return makeRow(n, { result: makeResult("rejected_by_api", { httpStatus: 422, apiCode, message }) });
}

function invalid(n: number, found: string): RunRow {
  const message = `column "E-mail": expected one e-mail address, found "${found}"`;
  return makeRow(n, { result: makeResult("rejected_invalid", { message }) });
}

function synced(n: number): RunRow {
  return makeRow(n, {
    provenance: "SNOOPY-GOOGLE_DIRECTORY",
    result: makeResult("rejected_directory_synced", {}),
  });
}

test("counts why rows did not get through, as the page does, and adds up to them", () => {
  const rows = [
    refused(0, 1004, "name is reserved"),
    refused(1, 1007, "comments are too long"),
    refused(2, 1007, "comments are too long"),
    invalid(3, "a"),
    invalid(4, "b"),
    synced(5),
    makeRow(6, { result: makeResult("updated") }),
  ];
  const { causes, directories, outcomes } = summaryOf(rows);
  const at = (n: number): number => rows[n]!.row;
  expect(causes).toEqual([
    {
      outcome: "rejected_invalid",
      http_status: null,
      api_code: null,
      message: 'column "E-mail": expected one e-mail address',
      rows: 2,
      first_rows: [at(3), at(4)],
    },
    {
      outcome: "rejected_by_api",
      http_status: 422,
      api_code: 1007,
      message: "comments are too long",
      rows: 2,
      first_rows: [at(1), at(2)],
    },
    {
      outcome: "rejected_by_api",
      http_status: 422,
      api_code: 1004,
      message: "name is reserved",
      rows: 1,
      first_rows: [at(0)],
    },
  ]);
  expect(directories).toEqual([{ provenance: "SNOOPY-GOOGLE_DIRECTORY", rows: 1 }]);
  const counted = [...causes, ...directories].reduce((sum, { rows: count }) => sum + count, 0);
  expect(counted).toBe(totalOf(outcomes) - outcomes.updated - outcomes.unchanged - outcomes.cancelled);
});
