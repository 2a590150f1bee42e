import { expect, test } from "vitest";
import { readCsv, renderText } from "./captured-text.ts";
import { readBack } from "./read-back.ts";
import { makeResult, makeRow, makeRun, rowsOfEveryOutcome } from "./sample-run.ts";

test("has the rows that need a person or another try, as they were", async () => {
  const rows = rowsOfEveryOutcome();
  expect(await renderText("failed", makeRun(rows), rows)).toMatchInlineSnapshot(`
    "﻿Display_Name,Email,Comments,bulkpatch_row,bulkpatch_outcome,bulkpatch_message
    Bob,"bob@x, bob@y",,5,rejected_invalid,"column ""Email"": expected one e-mail address, found ""bob@x, bob@y"""
    Ada Lovelace,ada@example.com,,6,rejected_duplicate,"rows 6, 9 are about the same entry and ask for different things"
    Ada Lovelace,ada@example.com,,7,rejected_not_found,no entry has the e-mail address ada@example.com
    Ada Lovelace,ada@example.com,,8,rejected_ambiguous,2 entries have the e-mail address ada@example.com; name one by its id
    Ada Lovelace,ada@example.com,,9,rejected_conflict,the entry was changed at 2026-11-20T13:00:00Z
    Ada Lovelace,ada@example.com,,10,rejected_by_api,name is reserved
    Ada Lovelace,ada@example.com,,11,failed,Service Unavailable
    Ada Lovelace,ada@example.com,,12,cancelled,not tried: the run was cancelled first
    "
  `);
});

test("asks, when it is run again, for the same as the rows did before", async () => {
  const cells = [
    ["Ada Lovelace", "ada@example.com", "=not a formula, a remark"],
    ['O\'Neil, "Tim"', "tim@example.com", "two\nlines"],
    ["'=quoted", "q@example.com", "<null>"],
  ];
  const rows = cells.map((own, n) => makeRow(n, { cells: own, result: makeResult("failed", { message: "=1+1" }) }));
  const { notes, rows: again } = await readBack(await renderText("failed", makeRun(rows), rows));
  expect(again.map((row) => row.cells.slice(0, 3))).toEqual(cells);
  expect(again.map((row) => row.change?.set)).toEqual([
    { name: "Ada Lovelace", comments: "=not a formula, a remark" },
    { name: 'O\'Neil, "Tim"', comments: "two\nlines" },
    { name: "'=quoted", comments: null },
  ]);
  expect(notes).toEqual([]);
});

test("does not pile up its columns when a failed.csv fails again", async () => {
  const rows = [
    makeRow(0, {
      cells: ["Ada", "ada@example.com", "7", "failed", "old message"],
      result: makeResult("failed", { message: "new message" }),
    }),
  ];
  const run = makeRun(rows);
  run.source.header = ["Display_Name", "Email", "bulkpatch_row", "bulkpatch_outcome", "bulkpatch_message"];
  expect(readCsv(await renderText("failed", run, rows))).toEqual([
    ["Display_Name", "Email", "bulkpatch_row", "bulkpatch_outcome", "bulkpatch_message"],
    ["Ada", "ada@example.com", "2", "failed", "new message"],
  ]);
});

test("keeps what a row has beyond the header, so that it is found again", async () => {
  const rows = [
    makeRow(0, {
      cells: ["Ada", "ada@example.com", "", "stray"],
      result: makeResult("rejected_invalid", { message: "too many cells" }),
    }),
  ];
  const csv = await renderText("failed", makeRun(rows), rows);
  expect(readCsv(csv)[1]).toEqual(["Ada", "ada@example.com", "", "2", "rejected_invalid", "too many cells", "stray"]);
  const { rows: again } = await readBack(csv);
  expect(again[0]!.problems).not.toEqual([]);
});
