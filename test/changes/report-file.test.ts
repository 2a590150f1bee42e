import { expect, test } from "vitest";
import { OUTCOMES } from "../../src/runs/outcome.ts";
import { REPORT_COLUMNS } from "../../src/changes/report-file.ts";
import { directorySyncedSheet } from "../../src/report/directory-synced-csv.ts";
import { makeRun } from "../report/sample-run.ts";
import { readSpreadsheet } from "./read-spreadsheet.ts";

/** A report of one row for each outcome, and one without. */
function report({ eol = "\r\n", d = ",", prefix = "file: " } = {}): string {
  const header = [...REPORT_COLUMNS, ...["Display_Name", "Email", "row"].map((name) => `${prefix}${name}`)].join(d);
  const rows = ["", ...OUTCOMES].map((outcome, i) =>
    [
      i + 2,
      outcome,
      "",
      "Name in the registry",
      `now${i}@x.org`,
      "",
      "why",
      400,
      "",
      1,
      "",
      "",
      `'=Name ${i}`,
      `p${i}@x.org`,
      "own",
    ].join(d),
  );
  return `\ufeff${[header, ...rows].join(eol)}${eol}`;
}

test("running a report again does only what is outstanding, by the file's own columns", async () => {
  const { header, rows, notes } = await readSpreadsheet(report());
  expect(header).toEqual(["Display_Name", "Email", "row"]);
  const done = new Set(["updated", "unchanged", "rejected_directory_synced"]);
  const expected = ["", ...OUTCOMES].flatMap((outcome, i) =>
    done.has(outcome) ? [] : [[i + 2, `p${i}@x.org`, `=Name ${i}`]],
  );
  expect(
    rows.map((r) => [r.row, r.change!.target.by === "email" && r.change!.target.email, r.change!.set.name]),
  ).toEqual(expected);
  expect(rows[0]!.cells).toEqual(["=Name 0", "p0@x.org", "own"]);
  expect(notes).toMatchInlineSnapshot(`
    [
      "This is the report of an earlier run: only rows that are still to be done are read.",
      "Not used: "row".",
      "Left out rows of the earlier run: 2 updated or unchanged, 1 refused because the entry is synced from a directory.",
    ]
  `);
});

test("a report that Excel saved in Germany is still one", async () => {
  const { rows } = await readSpreadsheet(report({ d: ";" }));
  expect(rows).toHaveLength(OUTCOMES.length - 2);
});

test("a report of before its columns were marked is still one", async () => {
  const { header, rows } = await readSpreadsheet(report({ prefix: "" }));
  expect(header).toEqual(["Display_Name", "Email", "row"]);
  expect(rows).toHaveLength(OUTCOMES.length - 2);
});

test("a report of which nothing is left to do makes no run of nothing", async () => {
  const [header, ...rows] = report().split("\r\n");
  const done = rows.filter((row) => /^\d+,(?:updated|rejected_directory_synced),/.test(row));
  await expect(readSpreadsheet([header, ...done].join("\r\n"))).rejects.toMatchObject({
    code: "nothing_outstanding",
    message: "standard input: expected rows that are still to be done, found 2 rows that are done or refused for good",
  });
});

test("the list of synced entries is known as such, and not run", async () => {
  const { header } = directorySyncedSheet(makeRun([]));
  await expect(readSpreadsheet(`${header.join(",")}\n`)).rejects.toMatchObject({
    code: "directory_synced_list",
    message:
      "standard input: expected a spreadsheet of changes, found bulkpatch's list of entries that are synced from a directory",
  });
});

test("a list that only has a column called outcome is no report", async () => {
  const { rows, notes } = await readSpreadsheet("row,outcome,email\n2,updated,a@x.org\n");
  expect(rows).toHaveLength(1);
  expect(notes).toEqual(['Not used: "row", "outcome".']);
});
