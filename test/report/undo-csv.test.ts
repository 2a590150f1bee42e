import { expect, test } from "vitest";
import type { FieldChanges } from "../../src/registry/entry-diff.ts";
import { renderText } from "./captured-text.ts";
import { readBack } from "./read-back.ts";
import { makeResult, makeRow, makeRun, rowsOfEveryOutcome } from "./sample-run.ts";

test("has the old values of updated rows, and of no others", async () => {
  const rows = rowsOfEveryOutcome();
  expect(await renderText("undo", makeRun(rows), rows)).toMatchInlineSnapshot(`
    "﻿impersonation_registry_id,email,name,comments,is_email_regex,directory_id,directory_node_id,external_directory_node_id,provenance,modified_at,bulkpatch_undo_of
    f174e90a-fafe-4643-bbbc-000000000000,,Ada L.,VIP,,,,,,2026-11-20T14:03:00.000Z,2026-11-20-brave-otter
    "
  `);
});

test("puts back, when it is run, exactly what was there", async () => {
  const changes: FieldChanges[] = [
    { name: { from: "=Ada", to: "Ada" }, comments: { from: null, to: "VIP" } },
    { email: { from: "old@example.com", to: "new@example.com" }, directory_id: { from: 17, to: null } },
    { is_email_regex: { from: false, to: true }, email: { from: "x@example.com", to: "^x.*@example\\.com$" } },
    { email: { from: "^ap(-[a-z]+)?@example\\.com$", to: "^ap@example\\.com$" } },
    { comments: { from: 'two\nlines, "quoted"', to: null } },
  ];
  const rows = changes.map((change, n) => makeRow(n, { changes: change, result: makeResult("updated") }));
  const { rows: back } = await readBack(await renderText("undo", makeRun(rows), rows));
  expect(back.flatMap((row) => row.problems)).toEqual([]);
  expect(back.map((row) => row.change!.target)).toEqual(rows.map((row) => ({ by: "id", id: row.entryId })));
  expect(back.map((row) => row.change!.set)).toEqual([
    { name: "=Ada", comments: null },
    { email: "old@example.com", directory_id: 17 },
    { is_email_regex: false, email: "x@example.com" },
    // The entry was an expression before and after; the row must say so to be taken.
    { email: "^ap(-[a-z]+)?@example\\.com$", is_email_regex: true },
    { comments: 'two\nlines, "quoted"' },
  ]);
});

test("has no rows after a run that never saw the old values", async () => {
  const rows = rowsOfEveryOutcome();
  const run = makeRun(rows);
  const csv = await renderText("undo", { ...run, options: { ...run.options, noPlan: true } }, rows);
  expect(csv.trimEnd().split("\r\n")).toHaveLength(1);
});

test("leaves alone, when it is run, entries that were changed since, and is known as what it is", async () => {
  const modifiedAt = Date.parse("2026-11-20T14:02:59.871Z");
  const rows = [
    makeRow(0, { changes: { name: { from: "Old", to: "New" } }, result: makeResult("updated", { modifiedAt }) }),
  ];
  const { rows: back, notes } = await readBack(await renderText("undo", makeRun(rows), rows));
  expect(back[0]!.change).toMatchObject({ set: { name: "Old" }, modifiedAt: "2026-11-20T14:02:59.871Z" });
  expect(notes).toEqual([
    "This is the undo.csv of an earlier run: it puts back the values from before, and leaves alone entries that were changed since.",
  ]);
});
