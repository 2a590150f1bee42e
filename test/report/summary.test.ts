import { expect, test } from "vitest";
import { totalOf } from "../../src/runs/outcome.ts";
import { summarise } from "../../src/report/summary.ts";
import { renderText } from "./captured-text.ts";
import { makeRun, rowsOfEveryOutcome } from "./sample-run.ts";

test("is the plain document of summary.json", async () => {
  const rows = rowsOfEveryOutcome();
  const run = makeRun(rows);
  expect(summarise(run)).toMatchInlineSnapshot(`
    {
      "account_id": "023e105f4ecef8ad9ca31a8372d0c353",
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
  expect(JSON.parse(await renderText("json", run, rows))).toEqual(summarise(run));
});

test("has outcomes that add up to the rows", () => {
  const run = makeRun(rowsOfEveryOutcome());
  const { outcomes, without_outcome, source } = summarise(run);
  expect(totalOf(outcomes) + without_outcome).toBe(source.rows);
});

test("says of a run that is not over that it has no end", () => {
  expect(summarise(makeRun([], { state: "running", finishedAt: null })).finished_at).toBeNull();
});
